using System.Text.Json.Nodes;
using Serverless.EndToEnd.CommandLine;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>A user's life as the AWS CLI tells it, in every version that is installed.</summary>
[Collection(CommandLineCollection.Name)]
public sealed class IamCommandLineTests(ServiceFixture service)
{
    private const string OwnKeys = """
        {
          "Version": "2012-10-17",
          "Statement": [{ "Effect": "Allow", "Action": ["iam:*AccessKey*", "iam:GetUser"], "Resource": "arn:aws:iam::*:user/*${aws:username}" }]
        }
        """;

    public static TheoryData<string> Programs => AwsCliTests.Programs;

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task A_user_lives_from_its_creation_to_its_deletion(string program)
    {
        Skip.If(program.Length == 0, "There is no AWS CLI on this machine.");
        var root = new AwsCli(program, service.Process.Http, null);
        var name = $"cli.{Guid.NewGuid():N}";
        var arn = $"arn:aws:iam::{TestAccount.Id}:user/staff/{name}";

        Assert.Equal($"arn:aws:iam::{TestAccount.Id}:root", (string?)(await JsonAsync(root, "sts", "get-caller-identity"))["Arn"]);
        var user = (await JsonAsync(root, "iam", "create-user", "--user-name", name, "--path", "/staff/", "--tags", "Key=Team,Value=red blue"))["User"]!;
        Assert.Equal((arn, "red blue"), ((string?)user["Arn"], (string?)user["Tags"]![0]!["Value"]));
        await root.RunAsync("iam", "wait", "user-exists", "--user-name", name);
        var listed = (await JsonAsync(root, "iam", "list-users", "--path-prefix", "/staff/", "--page-size", "1"))["Users"]!.AsArray();
        Assert.Contains(listed, other => (string?)other!["UserName"] == name);

        var key = (await JsonAsync(root, "iam", "create-access-key", "--user-name", name))["AccessKey"]!;
        var (id, cli) = ((string)key["AccessKeyId"]!, root.As((string)key["AccessKeyId"]!, (string)key["SecretAccessKey"]!));
        var identity = await JsonAsync(cli, "sts", "get-caller-identity");
        Assert.Equal((arn, TestAccount.Id, (string?)user["UserId"]), ((string?)identity["Arn"], (string?)identity["Account"], (string?)identity["UserId"]));
        Says($"(AccessDenied) when calling the GetUser operation: User: {arn} is not authorized to perform: iam:GetUser on resource: {arn} because no identity-based policy allows the iam:GetUser action",
            await cli.FailAsync("iam", "get-user"));

        await root.RunAsync("iam", "put-user-policy", "--user-name", name, "--policy-name", "own-keys", "--policy-document", OwnKeys);
        var policy = await JsonAsync(root, "iam", "get-user-policy", "--user-name", name, "--policy-name", "own-keys");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(OwnKeys), policy["PolicyDocument"]));
        Assert.Equal(name, (string?)(await JsonAsync(cli, "iam", "get-user"))["User"]!["UserName"]);
        var second = (await JsonAsync(cli, "iam", "create-access-key"))["AccessKey"]!;
        Says("(LimitExceeded) when calling the CreateAccessKey operation: Cannot exceed quota for AccessKeysPerUser: 2", await cli.FailAsync("iam", "create-access-key"));
        await cli.RunAsync("iam", "delete-access-key", "--access-key-id", (string)second["AccessKeyId"]!);
        Says("(AccessDenied) when calling the ListUsers operation", await cli.FailAsync("iam", "list-users"));

        await root.RunAsync("iam", "update-access-key", "--user-name", name, "--access-key-id", id, "--status", "Inactive");
        Says("(InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.", await cli.FailAsync("sts", "get-caller-identity"));
        await root.RunAsync("iam", "update-access-key", "--user-name", name, "--access-key-id", id, "--status", "Active");
        Assert.Equal("Active", (string?)(await JsonAsync(cli, "iam", "list-access-keys"))["AccessKeyMetadata"]![0]!["Status"]);
        var lastUsed = await JsonAsync(root, "iam", "get-access-key-last-used", "--access-key-id", id);
        Assert.Equal((name, "sts", TestAccount.Region), ((string?)lastUsed["UserName"], (string?)lastUsed["AccessKeyLastUsed"]!["ServiceName"], (string?)lastUsed["AccessKeyLastUsed"]!["Region"]));

        Says("(DeleteConflict) when calling the DeleteUser operation: Cannot delete entity, must delete policies first.", await root.FailAsync("iam", "delete-user", "--user-name", name));
        await root.RunAsync("iam", "delete-user-policy", "--user-name", name, "--policy-name", "own-keys");
        Says("(DeleteConflict) when calling the DeleteUser operation: Cannot delete entity, must delete access keys first.", await root.FailAsync("iam", "delete-user", "--user-name", name));
        await root.RunAsync("iam", "delete-access-key", "--user-name", name, "--access-key-id", id);
        await root.RunAsync("iam", "delete-user", "--user-name", name);
        Says($"(NoSuchEntity) when calling the GetUser operation: The user with name {name} cannot be found.", await root.FailAsync("iam", "get-user", "--user-name", name));

        // The trail tells all of it, of this user by its name.
        string[] expected =
        [
            "GetUser NoSuchEntity", "DeleteUser", "DeleteAccessKey", "DeleteUser DeleteConflict", "DeleteUserPolicy", "DeleteUser DeleteConflict", "UpdateAccessKey", "UpdateAccessKey",
            "DeleteAccessKey", "CreateAccessKey LimitExceeded", "CreateAccessKey", "PutUserPolicy", "GetUser AccessDenied", "CreateAccessKey", "CreateUser",
        ];
        await Eventually.TrueAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", name)).Count >= expected.Length, "the records");
        var events = (await JsonAsync(root, "cloudtrail", "lookup-events", "--lookup-attributes", $"AttributeKey=ResourceName,AttributeValue={name}"))["Events"]!.AsArray()
            .Select(found => JsonNode.Parse((string)found!["CloudTrailEvent"]!)!).ToList();
        Assert.Equal(expected, events.Select(record => $"{record["eventName"]} {record["errorCode"]}".TrimEnd()));
        Assert.All(events, record => Assert.Equal("iam.amazonaws.com", (string?)record["eventSource"]));
        var byUser = events[9]["userIdentity"]!;
        Assert.Equal(("IAMUser", name, arn, id, (string?)user["UserId"]),
            ((string?)byUser["type"], (string?)byUser["userName"], (string?)byUser["arn"], (string?)byUser["accessKeyId"], (string?)byUser["principalId"]));
    }

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task Errors_are_shown_in_IAMs_words(string program)
    {
        Skip.If(program.Length == 0, "There is no AWS CLI on this machine.");
        var root = new AwsCli(program, service.Process.Http, null);
        Says("(InvalidAction) when calling the CreateGroup operation: Could not find operation CreateGroup for version 2010-05-08", await root.FailAsync("iam", "create-group", "--group-name", "g"));
        Says("(InvalidAction) when calling the GetSessionToken operation: GetSessionToken is not supported", await root.FailAsync("sts", "get-session-token"));
        Says("(ValidationError) when calling the CreateUser operation: The specified value for userName is invalid.", await root.FailAsync("iam", "create-user", "--user-name", "a/b"));
        Says("(MalformedPolicyDocument) when calling the PutUserPolicy operation", await PutAsync("{ \"Version\": \"2012-10-17\" }"));
        Says("(SignatureDoesNotMatch) when calling the ListUsers operation", await root.As(TestAccount.AccessKeyId, "another secret").FailAsync("iam", "list-users"));

        async Task<string> PutAsync(string document)
        {
            var name = $"cli.{Guid.NewGuid():N}";
            await root.RunAsync("iam", "create-user", "--user-name", name);
            return await root.FailAsync("iam", "put-user-policy", "--user-name", name, "--policy-name", "p", "--policy-document", document);
        }
    }

    private static async Task<JsonNode> JsonAsync(AwsCli cli, params string[] arguments) => JsonNode.Parse(await cli.RunAsync([.. arguments, "--output", "json"]))!;

    private static void Says(string expected, string said) => Assert.True(said.Contains(expected, StringComparison.Ordinal), said);
}
