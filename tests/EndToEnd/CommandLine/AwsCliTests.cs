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

    public static TheoryData<string> Programs { get; } = [.. AwsCli.Installed.DefaultIfEmpty(None)];

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
    public async Task A_file_of_40_MiB_is_copied_there_and_back_in_every_mode(string program)
    {
        var (http, https) = Clients(program);
        var bucket = await service.NewBucketAsync();
        var (file, copy, key) = (Path.Combine(_folder, "file"), Path.Combine(_folder, "copy"), Path.Combine(_folder, "key"));
        await File.WriteAllBytesAsync(file, TestData.Bytes(40 * TestData.Mebibyte + 1));
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
            var head = JsonNode.Parse(await client.RunAsync(["s3api", "head-object", "--bucket", bucket, "--key", name, "--part-number", "6", .. headOptions]))!;
            Assert.Equal((1, 6), ((int)head["ContentLength"]!, (int)head["PartsCount"]!));
            Assert.Matches("-6\"$", (string)head["ETag"]!);
        }
        // A copy within S3 of an object of that size goes part by part, too. Version 2 would ask for tags, which there are not yet.
        string[] withoutTags = (await http.RunAsync("--version")).StartsWith("aws-cli/2", StringComparison.Ordinal) ? ["--copy-props", "metadata-directive"] : [];
        await http.RunAsync(["s3", "cp", $"s3://{bucket}/s3", $"s3://{bucket}/copied", "--no-progress", .. withoutTags]);
        await http.RunAsync("s3", "cp", $"s3://{bucket}/copied", copy, "--no-progress");
        Assert.Equal(Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(file))), Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(copy))));
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

    private static void Says(string expected, string said) => Assert.True(said.Contains(expected, StringComparison.Ordinal), said);

    private (AwsCli Http, AwsCli Https) Clients(string program)
    {
        Skip.If(program == None, "There is no AWS CLI on this machine.");
        return (new(program, service.Process.Http, null), new(program, service.Process.Https, service.Process.AuthorityFile));
    }
}
