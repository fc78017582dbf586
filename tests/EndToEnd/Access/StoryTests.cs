using System.Text.Json.Nodes;
using Amazon.Runtime;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.CommandLine;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>
/// A key's life among people, told with the AWS CLI alone: an administrator who may not use it, one user who may, one who may read the bucket and not the key,
/// and the trail that has seen them all.
/// </summary>
[Collection(CommandLineCollection.Name)]
public sealed class StoryTests(ServiceFixture service) : IDisposable
{
    private const string None = "";

    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-").FullName;
    private readonly string _suffix = Guid.NewGuid().ToString("N")[..12];

    public static TheoryData<string> Programs { get; } = [.. AwsCli.Installed.DefaultIfEmpty(None)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task A_key_is_made_used_refused_disabled_rotated_scheduled_for_deletion_rescued_and_found_on_the_trail(string program)
    {
        Skip.If(program == None, "There is no AWS CLI on this machine.");
        var root = new AwsCli(program, service.Process.Http, null);
        var (ada, ben, cleo) = ($"ada-{_suffix}", $"ben-{_suffix}", $"cleo-{_suffix}");
        var bucket = $"story-{_suffix}";
        var administrator = await NewUserAsync(root, ada, Allow("kms:*", "*"), Allow("s3:*", "*"), Allow("cloudtrail:LookupEvents", "*"));
        // Both read and write the bucket; what they may do with keys, the keys say.
        var user = await NewUserAsync(root, ben, Allow(["s3:GetObject", "s3:PutObject"], $"arn:aws:s3:::{bucket}/*"));
        var reader = await NewUserAsync(root, cleo, Allow(["s3:GetObject", "s3:PutObject"], $"arn:aws:s3:::{bucket}/*"));
        Assert.Equal($"arn:aws:iam::{TestAccount.Id}:user/{ben}", (string)(await JsonAsync(user, "sts", "get-caller-identity"))["Arn"]!);

        // The administrator makes a key that it manages and only one user may use.
        var created = await JsonAsync(administrator, "kms", "create-key", "--description", "only for ben", "--policy", KeyPolicy(ada, ben));
        var key = (string)created["KeyMetadata"]!["Arn"]!;
        await administrator.RunAsync("kms", "create-alias", "--alias-name", $"alias/{_suffix}", "--target-key-id", key);
        await administrator.RunAsync("s3api", "create-bucket", "--bucket", bucket);

        // The one who may use it writes and reads; the other may read the bucket, but not under that key.
        var (file, copy) = (Path.Combine(_folder, "file"), Path.Combine(_folder, "copy"));
        await File.WriteAllTextAsync(file, "for ben's eyes");
        await user.RunAsync("s3", "cp", file, $"s3://{bucket}/secret", "--sse", "aws:kms", "--sse-kms-key-id", $"alias/{_suffix}");
        await user.RunAsync("s3", "cp", file, $"s3://{bucket}/plain", "--sse", "AES256");
        await ReadsAsync(user, "secret");
        await ReadsAsync(reader, "plain");
        Says($"User: arn:aws:iam::{TestAccount.Id}:user/{cleo} is not authorized to perform: kms:Decrypt on resource: {key} because no resource-based policy allows the kms:Decrypt action",
            await FailsToReadAsync(reader, "secret", "AccessDenied"));
        Says("kms:GenerateDataKey", await reader.FailAsync(
            "s3api", "put-object", "--bucket", bucket, "--key", "secret", "--body", file, "--server-side-encryption", "aws:kms", "--ssekms-key-id", key));
        await ReadsAsync(user, "secret");
        Says("kms:DisableKey", await user.FailAsync("kms", "disable-key", "--key-id", key));

        // Disabled, nobody reads; enabled and rotated, what was written before is still readable and new objects are under the new material.
        await administrator.RunAsync("kms", "disable-key", "--key-id", key);
        Says($"{key} is disabled.", await FailsToReadAsync(user, "secret", "KMS.DisabledException"));
        await ReadsAsync(user, "plain");
        await administrator.RunAsync("kms", "enable-key", "--key-id", key);
        await RotateAsync(administrator, key);
        await ReadsAsync(user, "secret");

        // Scheduled for deletion, and rescued.
        await administrator.RunAsync("kms", "schedule-key-deletion", "--key-id", key, "--pending-window-in-days", "7");
        Says($"{key} is pending deletion.", await FailsToReadAsync(user, "secret", "KMS.KMSInvalidStateException"));
        await administrator.RunAsync("kms", "cancel-key-deletion", "--key-id", key);
        await administrator.RunAsync("kms", "enable-key", "--key-id", key);
        await ReadsAsync(user, "secret");

        // The trail has every step, with who took it and when.
        (string Event, string Who, string? Error)[] steps =
        [
            ("CreateKey", ada, null), ("CreateAlias", ada, null),
            ("GenerateDataKey", ben, null), ("Decrypt", ben, null), ("Decrypt", cleo, "AccessDeniedException"), ("GenerateDataKey", cleo, "AccessDeniedException"),
            ("Decrypt", ben, null), ("DisableKey", ben, "AccessDeniedException"),
            ("DisableKey", ada, null), ("Decrypt", ben, "DisabledException"), ("EnableKey", ada, null), ("RotateKeyOnDemand", ada, null), ("Decrypt", ben, null),
            ("ScheduleKeyDeletion", ada, null), ("Decrypt", ben, "KMSInvalidStateException"), ("CancelKeyDeletion", ada, null), ("EnableKey", ada, null), ("Decrypt", ben, null),
        ];
        var told = await Eventually.GetAsync(
            async () => await TrailAsync(administrator, key) is { } records && records.Count >= steps.Length ? records : null, "every step on the trail");
        Assert.Equal(steps, told.Select(record => ((string)record["eventName"]!, (string)record["userIdentity"]!["userName"]!, (string?)record["errorCode"])));
        Assert.Equal(told.Select(record => (string)record["eventTime"]!).Order(StringComparer.Ordinal), told.Select(record => (string)record["eventTime"]!));
        Assert.Contains("is not authorized to perform: cloudtrail:LookupEvents", await user.FailAsync("cloudtrail", "lookup-events"), StringComparison.Ordinal);

        async Task ReadsAsync(AwsCli who, string name)
        {
            await who.RunAsync("s3api", "get-object", "--bucket", bucket, "--key", name, copy);
            Assert.Equal("for ben's eyes", await File.ReadAllTextAsync(copy));
        }

        async Task<string> FailsToReadAsync(AwsCli who, string name, string code)
        {
            var said = await who.FailAsync("s3api", "get-object", "--bucket", bucket, "--key", name, copy);
            Says($"({code})", said);
            return said;
        }
    }

    /// <summary>Rotates a key by the CLI, or by the SDK where the CLI is older than the operation.</summary>
    private async Task RotateAsync(AwsCli who, string key)
    {
        if (await who.KnowsAsync("kms", "rotate-key-on-demand"))
        {
            await who.RunAsync("kms", "rotate-key-on-demand", "--key-id", key);
            Assert.Single((await JsonAsync(who, "kms", "list-key-rotations", "--key-id", key))["Rotations"]!.AsArray());
            return;
        }
        using var kms = ServiceClients.NewKms(service.Process.Http, TestAccount.Region, new BasicAWSCredentials(who.AccessKey.Id, who.AccessKey.Secret));
        await kms.RotateKeyOnDemandAsync(new() { KeyId = key });
        Assert.Single((await kms.ListKeyRotationsAsync(new() { KeyId = key })).Rotations);
    }

    /// <summary>What people did with a key, oldest first; the service's own events are left out.</summary>
    private static async Task<IReadOnlyList<JsonNode>> TrailAsync(AwsCli who, string key)
    {
        var found = await JsonAsync(who, "cloudtrail", "lookup-events", "--lookup-attributes", $"AttributeKey=ResourceName,AttributeValue={key}");
        return [.. found["Events"]!.AsArray().Select(listed => JsonNode.Parse((string)listed!["CloudTrailEvent"]!)!)
            .Where(record => (string)record["userIdentity"]!["type"]! == "IAMUser").Reverse()];
    }

    private static async Task<AwsCli> NewUserAsync(AwsCli root, string name, params JsonObject[] statements)
    {
        await root.RunAsync("iam", "create-user", "--user-name", name);
        await root.RunAsync("iam", "put-user-policy", "--user-name", name, "--policy-name", "story", "--policy-document", Policy(statements));
        var key = (await JsonAsync(root, "iam", "create-access-key", "--user-name", name))["AccessKey"]!;
        return root.As((string)key["AccessKeyId"]!, (string)key["SecretAccessKey"]!);
    }

    private static string KeyPolicy(string administrator, string user) => Policy(
        With(Allow(["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Get*", "kms:Disable*", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:RotateKeyOnDemand"], "*"), administrator),
        With(Allow(["kms:GenerateDataKey", "kms:Decrypt"], "*"), user));

    private static JsonObject With(JsonObject statement, string user)
    {
        statement["Principal"] = new JsonObject { ["AWS"] = $"arn:aws:iam::{TestAccount.Id}:user/{user}" };
        return statement;
    }

    private static string Policy(params JsonObject[] statements) =>
        new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = new JsonArray([.. statements]) }.ToJsonString();

    private static JsonObject Allow(JsonNode action, string resource) => new() { ["Effect"] = "Allow", ["Action"] = action, ["Resource"] = resource };

    private static JsonObject Allow(string[] actions, string resource) => Allow(new JsonArray([.. actions.Select(action => JsonValue.Create(action))]), resource);

    private static async Task<JsonNode> JsonAsync(AwsCli who, params string[] arguments) => JsonNode.Parse(await who.RunAsync(arguments))!;

    private static void Says(string expected, string said) => Assert.True(said.Contains(expected, StringComparison.Ordinal), said);
}
