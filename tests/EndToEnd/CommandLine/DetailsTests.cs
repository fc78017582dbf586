using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.CommandLine;

/// <summary>What the AWS CLI shows of objects and buckets beside their data, and what s3cmd does.</summary>
[Collection(CommandLineCollection.Name)]
public sealed class DetailsTests(ServiceFixture service) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-").FullName;

    public static TheoryData<string> Programs => AwsCliTests.Programs;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task Tags_are_put_shown_copied_and_deleted(string program)
    {
        var aws = Cli(program);
        var bucket = await service.NewBucketAsync();
        var (small, large) = (Path.Combine(_folder, "small"), Path.Combine(_folder, "large"));
        await File.WriteAllTextAsync(small, "body");
        await File.WriteAllBytesAsync(large, TestData.Bytes(9 * TestData.Mebibyte));
        await aws.RunAsync("s3api", "put-object", "--bucket", bucket, "--key", "small", "--body", small, "--tagging", "colour=light%20blue&size=");
        Assert.Equal(["colour=light blue", "size="], await TagsAsync("small"));
        await aws.RunAsync("s3", "cp", large, $"s3://{bucket}/large", "--no-progress");
        await aws.RunAsync("s3api", "put-object-tagging", "--bucket", bucket, "--key", "large", "--tagging", """{"TagSet":[{"Key":"größe","Value":"9 MiB"}]}""");

        // A copy that goes part by part has the source's tags where the CLI takes care of them, as version 2 does.
        await aws.RunAsync("s3", "cp", $"s3://{bucket}/", $"s3://{bucket}/copy/", "--recursive", "--exclude", "copy/*", "--no-progress");
        Assert.Equal(["colour=light blue", "size="], await TagsAsync("copy/small"));
        if ((await aws.RunAsync("--version")).StartsWith("aws-cli/2", StringComparison.Ordinal)) Assert.Equal(["größe=9 MiB"], await TagsAsync("copy/large"));
        await aws.RunAsync("s3api", "delete-object-tagging", "--bucket", bucket, "--key", "small");
        Assert.Empty(await TagsAsync("small"));
        Assert.Contains("(InvalidTag) when calling the PutObjectTagging operation: Your TagKey cannot be prefixed with aws:",
            await aws.FailAsync("s3api", "put-object-tagging", "--bucket", bucket, "--key", "small", "--tagging", """{"TagSet":[{"Key":"aws:a","Value":""}]}"""), StringComparison.Ordinal);

        Assert.Contains("(NoSuchTagSet)", await aws.FailAsync("s3api", "get-bucket-tagging", "--bucket", bucket), StringComparison.Ordinal);
        await aws.RunAsync("s3api", "put-bucket-tagging", "--bucket", bucket, "--tagging", """{"TagSet":[{"Key":"team","Value":"red"}]}""");
        Assert.Equal("red", (string?)JsonNode.Parse(await aws.RunAsync("s3api", "get-bucket-tagging", "--bucket", bucket))!["TagSet"]![0]!["Value"]);
        await aws.RunAsync("s3api", "delete-bucket-tagging", "--bucket", bucket);

        async Task<IEnumerable<string>> TagsAsync(string key) => JsonNode.Parse(await aws.RunAsync("s3api", "get-object-tagging", "--bucket", bucket, "--key", key))!["TagSet"]!.AsArray()
            .Select(tag => $"{tag!["Key"]}={tag["Value"]}");
    }

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task Attributes_ACLs_and_ownership_are_shown(string program)
    {
        var aws = Cli(program);
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(System.Net.HttpStatusCode.OK);
        async Task<JsonNode> ShownAsync(string operation, params string[] arguments) => JsonNode.Parse(await aws.RunAsync(["s3api", operation, "--bucket", bucket, .. arguments]))!;

        var attributes = await ShownAsync("get-object-attributes", "--key", "object", "--object-attributes", "ObjectSize", "StorageClass", "ETag");
        Assert.Equal((4, "STANDARD"), ((int)attributes["ObjectSize"]!, (string?)attributes["StorageClass"]));
        foreach (var acl in new[] { await ShownAsync("get-bucket-acl"), await ShownAsync("get-object-acl", "--key", "object") })
            Assert.Equal((1, "FULL_CONTROL", (string?)acl["Owner"]!["ID"]), (acl["Grants"]!.AsArray().Count, (string?)acl["Grants"]![0]!["Permission"], (string?)acl["Grants"]![0]!["Grantee"]!["ID"]));
        Assert.Contains("(AccessControlListNotSupported) when calling the PutObjectAcl operation: The bucket does not allow ACLs",
            await aws.FailAsync("s3api", "put-object-acl", "--bucket", bucket, "--key", "object", "--acl", "public-read"), StringComparison.Ordinal);
        Assert.Equal("BucketOwnerEnforced", (string?)(await ShownAsync("get-bucket-ownership-controls"))["OwnershipControls"]!["Rules"]![0]!["ObjectOwnership"]);
        Assert.Equal("BucketOwner", (string?)(await ShownAsync("get-bucket-request-payment"))["Payer"]);
    }

    [SkippableFact]
    public async Task S3cmd_shows_what_there_is_and_what_there_is_not()
    {
        var s3cmd = await S3cmd.RequireAsync(service, _folder);
        var bucket = await service.NewBucketAsync();
        await s3cmd.RunAsync("put", s3cmd.Configuration, $"s3://{bucket}/object", "--mime-type", "text/plain", "--add-header", "x-amz-meta-colour:blue");
        var ofBucket = await s3cmd.RunAsync("info", $"s3://{bucket}");
        foreach (var line in (string[])["Location:  us-east-1", "Payer:     BucketOwner", "Expiration Rule: none", "Policy:    none", "CORS:      none"]) Assert.Contains(line, ofBucket, StringComparison.Ordinal);
        var ofObject = await s3cmd.RunAsync("info", $"s3://{bucket}/object");
        foreach (var line in (string[])["MIME type: text/plain", "Storage:   STANDARD", "SSE:       AES256", "x-amz-meta-colour: blue"]) Assert.Contains(line, ofObject, StringComparison.Ordinal);
        Assert.Matches("ACL: +[0-9a-f]{64}: FULL_CONTROL", ofBucket);
        Assert.Matches("ACL: +[0-9a-f]{64}: FULL_CONTROL", ofObject);

        // It reads and puts ACLs where it copies.
        await s3cmd.RunAsync("cp", $"s3://{bucket}/object", $"s3://{bucket}/copy");
        await s3cmd.RunAsync("mv", $"s3://{bucket}/copy", $"s3://{bucket}/moved");
        await s3cmd.RunAsync("modify", "--add-header", "x-amz-meta-colour:red", $"s3://{bucket}/moved");
        Assert.Contains("x-amz-meta-colour: red", await s3cmd.RunAsync("info", $"s3://{bucket}/moved"), StringComparison.Ordinal);
    }

    private AwsCli Cli(string program)
    {
        Skip.If(program.Length == 0, "There is no AWS CLI on this machine.");
        return new(program, service.Process.Http, null);
    }
}
