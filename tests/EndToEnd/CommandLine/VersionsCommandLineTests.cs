using System.Text.Json.Nodes;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.CommandLine;

/// <summary>Versions by the AWS CLI, in every version that is installed.</summary>
[Collection(CommandLineCollection.Name)]
public sealed class VersionsCommandLineTests(ServiceFixture service) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [MemberData(nameof(AwsCliTests.Programs), MemberType = typeof(AwsCliTests))]
    public async Task Versions_are_kept_listed_restored_and_deleted(string program)
    {
        Skip.If(program.Length == 0, "There is no AWS CLI on this machine.");
        var aws = new AwsCli(program, service.Process.Http, null);
        var (bucket, file, copy) = ($"cli-{Guid.NewGuid():N}", Path.Combine(_folder, "file"), Path.Combine(_folder, "copy"));
        await aws.RunAsync("s3", "mb", $"s3://{bucket}");
        Assert.Empty(await aws.RunAsync("s3api", "get-bucket-versioning", "--bucket", bucket));
        await aws.RunAsync("s3api", "put-bucket-versioning", "--bucket", bucket, "--versioning-configuration", "Status=Enabled");
        Assert.Equal("Enabled", (string?)JsonNode.Parse(await aws.RunAsync("s3api", "get-bucket-versioning", "--bucket", bucket))!["Status"]);

        foreach (var content in (string[])["first", "second"])
        {
            await File.WriteAllTextAsync(file, content);
            await aws.RunAsync("s3", "cp", file, $"s3://{bucket}/folder/key", "--sse", content == "first" ? "aws:kms" : "AES256");
        }
        await aws.RunAsync("s3", "rm", $"s3://{bucket}/folder/key");
        Assert.Empty(await aws.RunAsync("s3", "ls", $"s3://{bucket}", "--recursive"));
        var listed = JsonNode.Parse(await aws.RunAsync("s3api", "list-object-versions", "--bucket", bucket))!;
        var (marker, versions) = (listed["DeleteMarkers"]!.AsArray().Single()!, listed["Versions"]!.AsArray());
        Assert.Equal((true, 2, false, "folder/key"), ((bool)marker["IsLatest"]!, versions.Count, (bool)versions[0]!["IsLatest"]!, (string)marker["Key"]!));
        var (second, first) = ((string)versions[0]!["VersionId"]!, (string)versions[1]!["VersionId"]!);

        var got = JsonNode.Parse(await aws.RunAsync("s3api", "get-object", "--bucket", bucket, "--key", "folder/key", "--version-id", first, copy))!;
        Assert.Equal(("first", "aws:kms", first), (await File.ReadAllTextAsync(copy), (string)got["ServerSideEncryption"]!, (string)got["VersionId"]!));
        Assert.Contains("NoSuchKey", await aws.FailAsync("s3api", "get-object", "--bucket", bucket, "--key", "folder/key", copy), StringComparison.Ordinal);
        var undeleted = JsonNode.Parse(await aws.RunAsync("s3api", "delete-object", "--bucket", bucket, "--key", "folder/key", "--version-id", (string)marker["VersionId"]!))!;
        Assert.True((bool)undeleted["DeleteMarker"]!);
        await aws.RunAsync("s3", "cp", $"s3://{bucket}/folder/key", copy);
        Assert.Equal("second", await File.ReadAllTextAsync(copy));
        var restored = JsonNode.Parse(await aws.RunAsync("s3api", "copy-object", "--bucket", bucket, "--key", "folder/key", "--copy-source", $"{bucket}/folder/key?versionId={first}"))!;
        Assert.Equal(first, (string)restored["CopySourceVersionId"]!);
        Assert.Equal(second, (string)JsonNode.Parse(await aws.RunAsync("s3api", "list-object-versions", "--bucket", bucket, "--prefix", "folder/", "--max-items", "2"))!["Versions"]![1]!["VersionId"]!);

        Assert.Contains("BucketNotEmpty", await aws.FailAsync("s3", "rb", $"s3://{bucket}"), StringComparison.Ordinal);
        var all = JsonNode.Parse(await aws.RunAsync("s3api", "list-object-versions", "--bucket", bucket, "--query", "{Objects: Versions[].{Key: Key, VersionId: VersionId}}"))!;
        var deleted = JsonNode.Parse(await aws.RunAsync("s3api", "delete-objects", "--bucket", bucket, "--delete", all.ToJsonString()))!;
        Assert.Equal(3, deleted["Deleted"]!.AsArray().Count);
        await aws.RunAsync("s3", "rb", $"s3://{bucket}");
    }
}
