using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.CommandLine;

/// <summary>The AWS CLI as its user types it, in every version that is installed.</summary>
[Collection(CommandLineCollection.Name)]
public sealed class AwsCliTests(ServiceFixture service) : IDisposable
{
    private const string None = "";
    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-").FullName;

    public static IReadOnlyList<string> ProgramNames { get; } = [.. AwsCli.Installed.DefaultIfEmpty(None)];

    public static TheoryData<string> Programs { get; } = [.. ProgramNames];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task Files_are_copied_there_and_back_in_every_mode(string program)
    {
        var (http, https) = Clients(program);
        var bucket = $"cli-{Guid.NewGuid():N}";
        await http.RunAsync("s3", "mb", $"s3://{bucket}");
        Assert.Contains(bucket, await http.RunAsync("s3", "ls"), StringComparison.Ordinal);
        var (file, copy, key) = (Path.Combine(_folder, "file"), Path.Combine(_folder, "copy"), Path.Combine(_folder, "key"));
        await File.WriteAllBytesAsync(file, TestData.Bytes(100_000));
        await File.WriteAllBytesAsync(key, TestData.Bytes(32, seed: 5));

        foreach (var (name, client, options, mode) in new (string, AwsCli, string[], string?)[]
        {
            ("s3", http, ["--sse", "AES256"], "AES256"),
            ("kms", https, ["--sse", "aws:kms"], "aws:kms"),
            ("customer", https, ["--sse-c", "AES256", "--sse-c-key", $"fileb://{key}"], null),
        })
        {
            string[] reading = mode is null ? options : [];
            await client.RunAsync(["s3", "cp", file, $"s3://{bucket}/{name}", .. options]);
            await client.RunAsync(["s3", "cp", $"s3://{bucket}/{name}", copy, .. reading]);
            Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(copy));
            string[] headOptions = mode is null ? ["--sse-customer-algorithm", "AES256", "--sse-customer-key", $"fileb://{key}"] : [];
            var head = JsonNode.Parse(await client.RunAsync(["s3api", "head-object", "--bucket", bucket, "--key", name, .. headOptions]))!;
            Assert.Equal(mode, (string?)head["ServerSideEncryption"]);
            Assert.Equal(100_000, (int)head["ContentLength"]!);
            await client.RunAsync("s3api", "delete-object", "--bucket", bucket, "--key", name);
        }
        await http.RunAsync("s3", "rb", $"s3://{bucket}");
    }

    /// <summary>Large enough to go in parts: 8 MiB each, several at a time; and to come back in ranges.</summary>
    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task A_file_of_100_MiB_is_copied_there_and_back_in_every_mode(string program)
    {
        var (http, https) = Clients(program);
        var bucket = await service.NewBucketAsync();
        var (file, copy, key) = (Path.Combine(_folder, "file"), Path.Combine(_folder, "copy"), Path.Combine(_folder, "key"));
        await File.WriteAllBytesAsync(file, TestData.Bytes(100 * TestData.Mebibyte + 1));
        await File.WriteAllBytesAsync(key, TestData.Bytes(32, seed: 5));
        foreach (var (name, client, options, isDefault) in new (string, AwsCli, string[], string?)[]
        {
            ("s3", http, ["--sse", "AES256"], null),
            ("kms", http, ["--sse", "aws:kms"], null),
            ("customer", https, ["--sse-c", "AES256", "--sse-c-key", $"fileb://{key}"], null),
            ("bucket-key", http, [], """{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"},"BucketKeyEnabled":true}]}"""),
            ("double", http, [], """{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms:dsse"}}]}"""),
        })
        {
            if (isDefault is not null) await http.RunAsync("s3api", "put-bucket-encryption", "--bucket", bucket, "--server-side-encryption-configuration", isDefault);
            await client.RunAsync(["s3", "cp", file, $"s3://{bucket}/{name}", "--no-progress", .. options]);
            await client.RunAsync(["s3", "cp", $"s3://{bucket}/{name}", copy, "--no-progress", .. name == "customer" ? options : []]);
            Assert.Equal(Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(file))), Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(copy))));
            string[] headOptions = name == "customer" ? ["--sse-customer-algorithm", "AES256", "--sse-customer-key", $"fileb://{key}"] : [];
            var head = JsonNode.Parse(await client.RunAsync(["s3api", "head-object", "--bucket", bucket, "--key", name, "--part-number", "13", .. headOptions]))!;
            Assert.Equal((4 * TestData.Mebibyte + 1, 13), ((int)head["ContentLength"]!, (int)head["PartsCount"]!));
            Assert.Matches("-13\"$", (string)head["ETag"]!);
        }
    }

    /// <summary>A small one in one request, a large one in parts; the customer's key changed on the way.</summary>
    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task Objects_are_copied_and_moved_within_S3_from_mode_to_mode(string program)
    {
        var (_, https) = Clients(program);
        var (from, to) = (await service.NewBucketAsync(), await service.NewBucketAsync());
        var (tree, copy) = (Directory.CreateDirectory(Path.Combine(_folder, "tree")).FullName, Path.Combine(_folder, "copy"));
        var (first, second) = (Path.Combine(_folder, "key-1"), Path.Combine(_folder, "key-2"));
        await File.WriteAllBytesAsync(Path.Combine(tree, "small one"), TestData.Bytes(100_000));
        await File.WriteAllBytesAsync(Path.Combine(tree, "large+one"), TestData.Bytes(20 * TestData.Mebibyte + 1));
        foreach (var (file, seed) in new[] { (first, 5), (second, 6) }) await File.WriteAllBytesAsync(file, TestData.Bytes(32, seed));
        static string[] Customer(string key) => ["--sse-c", "AES256", "--sse-c-key", $"fileb://{key}"];
        static string[] FromCustomer(string key) => ["--sse-c-copy-source", "AES256", "--sse-c-copy-source-key", $"fileb://{key}"];
        // Of a source that is copied part by part, version 2 asks for the headers, for which it shows the copy's key (as of 2.9).
        var isVersion2 = (await https.RunAsync("--version")).StartsWith("aws-cli/2", StringComparison.Ordinal);

        await https.RunAsync("s3", "cp", tree, $"s3://{from}/a", "--recursive", "--no-progress", "--sse", "AES256");
        foreach (var (command, source, target, options) in new (string, string, string, string[])[]
        {
            ("cp", $"s3://{from}/a", $"s3://{to}/b", ["--sse", "aws:kms", "--sse-kms-key-id", await service.NewKeyAsync()]),
            ("mv", $"s3://{to}/b", $"s3://{from}/c", Customer(first)),
            ("cp", $"s3://{from}/c", $"s3://{to}/d", [.. FromCustomer(first), .. Customer(second)]),
            ("mv", $"s3://{to}/d", $"s3://{to}/e", [.. FromCustomer(second), "--sse", "aws:kms"]),
        })
        {
            string[] properties = isVersion2 && options.Contains("AES256") ? ["--copy-props", "none"] : [];
            await https.RunAsync(["s3", command, source, target, "--recursive", "--no-progress", .. properties, .. options]);
        }
        await https.RunAsync("s3", "cp", $"s3://{to}/e", copy, "--recursive", "--no-progress");
        await AwkwardTree.MustBeSameAsync(tree, copy);
        // What was moved is gone, what was copied is there.
        Assert.Equal(["a/large+one", "a/small one", "c/large+one", "c/small one"], await KeysAsync(from));
        Assert.Equal(["e/large+one", "e/small one"], await KeysAsync(to));
        var head = JsonNode.Parse(await https.RunAsync("s3api", "head-object", "--bucket", to, "--key", "e/large+one"))!;
        Assert.Equal("aws:kms", (string?)head["ServerSideEncryption"]);
        Assert.Matches("-3\"$", (string)head["ETag"]!);
    }

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task A_bucket_s_default_encryption_is_put_shown_applied_and_deleted(string program)
    {
        var (http, _) = Clients(program);
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "body");
        async Task<JsonNode> ShownAsync() =>
            JsonNode.Parse(await http.RunAsync("s3api", "get-bucket-encryption", "--bucket", bucket))!["ServerSideEncryptionConfiguration"]!["Rules"]!.AsArray().Single()!;
        async Task<JsonNode> StoredAsync()
        {
            await http.RunAsync("s3", "cp", file, $"s3://{bucket}/object");
            return JsonNode.Parse(await http.RunAsync("s3api", "head-object", "--bucket", bucket, "--key", "object"))!;
        }

        await http.RunAsync("s3api", "put-bucket-encryption", "--bucket", bucket, "--server-side-encryption-configuration",
            $$$"""{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"{{{key}}}"},"BucketKeyEnabled":true}]}""");
        Assert.Equal(("aws:kms", key, true), ((string?)(await ShownAsync())["ApplyServerSideEncryptionByDefault"]!["SSEAlgorithm"],
            (string?)(await ShownAsync())["ApplyServerSideEncryptionByDefault"]!["KMSMasterKeyID"], (bool)(await ShownAsync())["BucketKeyEnabled"]!));
        var stored = await StoredAsync();
        Assert.Equal(("aws:kms", key, true), ((string?)stored["ServerSideEncryption"], (string?)stored["SSEKMSKeyId"], (bool)stored["BucketKeyEnabled"]!));
        await http.RunAsync("s3api", "delete-bucket-encryption", "--bucket", bucket);
        Assert.Equal("AES256", (string?)(await ShownAsync())["ApplyServerSideEncryptionByDefault"]!["SSEAlgorithm"]);
        Assert.Equal("AES256", (string?)(await StoredAsync())["ServerSideEncryption"]);
    }

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task Errors_are_shown_in_S3s_words(string program)
    {
        var (http, https) = Clients(program);
        var bucket = await service.NewBucketAsync();
        var key = CustomerKey.New();
        (await service.Https.SendAsync(RawRequest.Put(bucket, "customer", "body"u8.ToArray(), key.Headers))).MustBe(System.Net.HttpStatusCode.OK);
        var copy = Path.Combine(_folder, "copy");

        Says("(InvalidRequest) when calling the GetObject operation: The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
            await https.FailAsync("s3api", "get-object", "--bucket", bucket, "--key", "customer", copy));
        Says("(KMS.NotFoundException) when calling the PutObject operation: Invalid keyId 'fake-key-id'",
            await http.FailAsync("s3api", "put-object", "--bucket", bucket, "--key", "object", "--server-side-encryption", "aws:kms", "--ssekms-key-id", "fake-key-id"));
        Says("(NoSuchBucket) when calling the GetObject operation: The specified bucket does not exist",
            await http.FailAsync("s3api", "get-object", "--bucket", "no-such-bucket-here", "--key", "object", copy));
        Says("(404) when calling the HeadObject operation: Not Found", await http.FailAsync("s3api", "head-object", "--bucket", bucket, "--key", "missing"));
        Assert.False(File.Exists(copy) && new FileInfo(copy).Length > 0);
    }

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task Keys_are_made_used_and_found_on_the_trail(string program)
    {
        var (http, _) = Clients(program);
        var arn = (string)JsonNode.Parse(await http.RunAsync("kms", "create-key", "--description", "by the CLI"))!["KeyMetadata"]!["Arn"]!;
        var (plaintext, ciphertext) = (Path.Combine(_folder, "plaintext"), Path.Combine(_folder, "ciphertext"));
        await File.WriteAllTextAsync(plaintext, "a secret");
        var encrypted = (string)JsonNode.Parse(await http.RunAsync("kms", "encrypt", "--key-id", arn, "--plaintext", $"fileb://{plaintext}"))!["CiphertextBlob"]!;
        await File.WriteAllBytesAsync(ciphertext, Convert.FromBase64String(encrypted));
        var decrypted = JsonNode.Parse(await http.RunAsync("kms", "decrypt", "--ciphertext-blob", $"fileb://{ciphertext}"))!;
        Assert.Equal("a secret", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)decrypted["Plaintext"]!)));

        await Eventually.TrueAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", arn)).Count == 3, "the three records");
        var events = JsonNode.Parse(await http.RunAsync("cloudtrail", "lookup-events", "--lookup-attributes", $"AttributeKey=ResourceName,AttributeValue={arn}"))!["Events"]!.AsArray();
        Assert.Equal(["Decrypt", "Encrypt", "CreateKey"], events.Select(found => (string)found!["EventName"]!));
        Assert.All(events, found => Assert.Equal("root", (string)found!["Username"]!));
    }

    private async Task<IEnumerable<string>> KeysAsync(string bucket) => (await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects.Select(listed => listed.Key);

    private static void Says(string expected, string said) => Assert.True(said.Contains(expected, StringComparison.Ordinal), said);

    private (AwsCli Http, AwsCli Https) Clients(string program)
    {
        Skip.If(program == None, "There is no AWS CLI on this machine.");
        return (new(program, service.Process.Http, null), new(program, service.Process.Https, service.Process.AuthorityFile));
    }
}
