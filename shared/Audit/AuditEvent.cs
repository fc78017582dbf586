using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Access;

namespace Serverless.Audit;

/// <summary>
/// One record of the audit trail, in the terms of CloudTrail's record format, version 1.11
/// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
/// It never holds a key, a plaintext, a ciphertext or an Authorization header.
/// </summary>
public sealed record AuditEvent
{
    /// <summary>The record's id; the writer stores a record with a known id only once.</summary>
    public Guid EventId { get; init; } = Guid.NewGuid();

    /// <summary>The id of an event that several instances or runs may report: whoever describes it in the same words has the same id.</summary>
    public static Guid IdOf(string description) => new(SHA256.HashData(Encoding.UTF8.GetBytes(description)).AsSpan(0, 16));

    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>The API, <c>kms.amazonaws.com</c> or <c>s3.amazonaws.com</c>.</summary>
    public required string EventSource { get; init; }

    /// <summary>The operation, such as <c>GenerateDataKey</c>, <c>Decrypt</c>, <c>RotateKey</c>.</summary>
    public required string EventName { get; init; }

    /// <summary><c>AwsApiCall</c>, or <c>AwsServiceEvent</c> for what the service does by itself (rotation).</summary>
    public string EventType { get; init; } = "AwsApiCall";

    /// <summary>The Region that it happened in.</summary>
    public required string Region { get; init; }

    /// <summary>Who, from where, in which request.</summary>
    public required Caller Caller { get; init; }

    /// <summary>The service that makes the call for the caller, such as <c>s3.amazonaws.com</c> (userIdentity's <c>invokedBy</c>); null where the caller makes it.</summary>
    public string? InvokedBy { get; init; }

    /// <summary>Whether the operation changes nothing.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The request's parameters, such as keyId and encryptionContext; secrets are left out by whoever makes the event.</summary>
    public JsonObject? RequestParameters { get; init; }

    /// <summary>What is worth keeping of the answer, or null.</summary>
    public JsonObject? ResponseElements { get; init; }

    /// <summary>What CloudTrail puts beside the request: the key version, the bucket key's use.</summary>
    public JsonObject? AdditionalEventData { get; init; }

    /// <summary>What CloudTrail tells of an <c>AwsServiceEvent</c>, such as a rotation's materials, or null.</summary>
    public JsonObject? ServiceEventDetails { get; init; }

    /// <summary>The ARNs concerned, with their CloudTrail types (<c>AWS::KMS::Key</c>, <c>AWS::S3::Object</c>).</summary>
    public IReadOnlyList<AuditResource> Resources { get; init; } = [];

    /// <summary>The error's code where it was refused, or null.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The error's message where it was refused, or null.</summary>
    public string? ErrorMessage { get; init; }
}

/// <summary>A resource that an event concerns.</summary>
public sealed record AuditResource(string Type, string Arn)
{
    /// <summary>CloudTrail's type of a user; a record that concerns one is found by its name, too.</summary>
    public const string IamUserType = "AWS::IAM::User";
}
