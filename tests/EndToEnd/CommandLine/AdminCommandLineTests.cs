using System.Text.Json.Nodes;
using Serverless.EndToEnd.Service;
using Serverless.Objects.Tests;

namespace Serverless.EndToEnd.CommandLine;

/// <summary>The service is looked after with the AWS CLI, in every version that is installed, once it has been told of the admin API.</summary>
[Collection(CommandLineCollection.Name)]
public sealed class AdminCommandLineTests(ServiceFixture service) : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("end-to-end-").FullName;

    public static TheoryData<string> Programs => AwsCliTests.Programs;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task The_master_key_is_rotated_by_who_may_and_the_trail_says_by_whom(string program)
    {
        Skip.If(program.Length == 0, "There is no AWS CLI on this machine.");
        var root = new AwsCli(program, service.Process.Http, null) { Home = _home };
        await root.RunAsync("configure", "add-model", "--service-model", $"file://{ProjectFolder.File("infra", "aws-cli", "sse", "2026-11-25", "service-2.json")}");
        await service.S3.PutObjectAsync(new() { BucketName = await service.NewBucketAsync(), Key = "key", ContentBody = "under the master key" });
        var before = (await JsonAsync(root, "describe-master-key"))["CurrentVersion"]!.GetValue<long>();

        var name = $"operator-{Guid.NewGuid():N}";
        await root.RunAsync("iam", "create-user", "--user-name", name);
        var key = JsonNode.Parse(await root.RunAsync("iam", "create-access-key", "--user-name", name, "--output", "json"))!["AccessKey"]!;
        var user = root.As((string)key["AccessKeyId"]!, (string)key["SecretAccessKey"]!);
        Says("is not authorized to perform: sse:RotateMasterKey", await user.FailAsync("sse", "rotate-master-key"));
        await root.RunAsync("iam", "put-user-policy", "--user-name", name, "--policy-name", "rotates", "--policy-document",
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sse:RotateMasterKey","Resource":"*"}]}""");
        var rotated = (await JsonAsync(user, "rotate-master-key"))["CurrentVersion"]!.GetValue<long>();
        Assert.Equal(before + 1, rotated);
        Says("is not authorized to perform: sse:DescribeMasterKey", await user.FailAsync("sse", "describe-master-key"));

        var described = await JsonAsync(root, "describe-master-key");
        Assert.Equal(rotated, described["CurrentVersion"]!.GetValue<long>());
        Assert.Equal(["PREVIOUS", "CURRENT"], described["Versions"]!.AsArray().TakeLast(2).Select(version => (string)version!["State"]!));
        Assert.Equal(0, described["AgeInDays"]!.GetValue<int>());

        var recorded = await Eventually.GetAsync(
            async () => await service.CloudTrail.LookupAsync("Username", name) is { Count: >= 3 } found ? found : null, $"the records of {name}'s calls");
        Assert.Equal(
            ["AccessDeniedException", "AccessDeniedException", null],
            recorded.Where(record => (string?)record["eventSource"] == "sse.amazonaws.com").Select(record => (string?)record["errorCode"]).OrderBy(code => code is null));
    }

    private static async Task<JsonNode> JsonAsync(AwsCli cli, string operation) => JsonNode.Parse(await cli.RunAsync("sse", operation, "--output", "json"))!;

    private static void Says(string expected, string said) => Assert.True(said.Contains(expected, StringComparison.Ordinal), said);
}
