using System.Net;
using System.Text.Json.Nodes;
using Serverless.Access;

namespace Serverless.Audit.Tests.Fakes;

/// <summary>Events as the service makes them.</summary>
internal static class Events
{
    public const string AccountId = "123456789012";
    public const string KeyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
    public const string KeyArn = $"arn:aws:kms:eu-west-1:{AccountId}:key/{KeyId}";

    public static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    public static ServiceIdentity Identity { get; } = new() { AccountId = AccountId, Region = "eu-west-1" };

    public static Principal Alice { get; } = new(PrincipalType.IAMUser, $"arn:aws:iam::{AccountId}:user/alice", AccountId, "alice", "AKIDALICE") { UserId = "AIDAALICE" };

    public static Principal Root { get; } = Principal.Root(AccountId, "AKIDROOT");

    public static Caller From(Principal principal) => new(principal, "request-1", IPAddress.Parse("192.0.2.7"), "aws-cli/2.0", true);

    public static string ObjectArn(string key) => $"arn:aws:s3:::photos/{key}";

    /// <summary>A Decrypt of an object's data key.</summary>
    public static AuditEvent Decrypt(DateTimeOffset? time = null, string objectKey = "cat.jpg", Principal? by = null) => new()
    {
        EventTime = time ?? Noon,
        EventSource = "kms.amazonaws.com",
        EventName = "Decrypt",
        Region = "eu-west-1",
        Caller = From(by ?? Alice),
        ReadOnly = true,
        RequestParameters = new JsonObject { ["keyId"] = KeyArn, ["encryptionContext"] = new JsonObject { ["aws:s3:arn"] = ObjectArn(objectKey) } },
        AdditionalEventData = new JsonObject { ["keyVersion"] = 3 },
        Resources = [new("AWS::KMS::Key", KeyArn), new("AWS::S3::Object", ObjectArn(objectKey))],
    };

    /// <summary>A Decrypt whose entry in a message takes about that many bytes.</summary>
    public static AuditEvent OfSize(int bytes) => Decrypt() with { RequestParameters = new JsonObject { ["padding"] = new string('x', bytes) } };
}
