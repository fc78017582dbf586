using System.Text.Json.Nodes;
using Serverless.EndToEnd.CommandLine;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Keys;

/// <summary>The uses of keys, their policies and their grants as the AWS CLI asks for them, in every version that is installed.</summary>
[Collection(CommandLineCollection.Name)]
public sealed class KeyUseCommandLineTests(ServiceFixture service)
{
    private const string Root = $"arn:aws:iam::{TestAccount.Id}:root";

    public static TheoryData<string> Programs => AwsCliTests.Programs;

    [SkippableTheory]
    [MemberData(nameof(Programs))]
    public async Task Keys_are_used_and_their_use_is_governed(string program)
    {
        Skip.If(program.Length == 0, "There is no AWS CLI on this machine.");
        var cli = new AwsCli(program, service.Process.Http, null);
        var (arn, other) = (await service.NewKeyAsync(), await service.NewKeyAsync());

        var wrapped = await TextAsync("CiphertextBlob", "generate-data-key-without-plaintext", "--key-id", arn, "--key-spec", "AES_256", "--encryption-context", "a=1");
        await using (var file = new BlobFile(wrapped))
            Assert.Equal(arn, await TextAsync("SourceKeyId", "re-encrypt", "--ciphertext-blob", file.Argument, "--source-encryption-context", "a=1", "--destination-key-id", other));
        Assert.Equal(32, Convert.FromBase64String(await TextAsync("Plaintext", "generate-random", "--number-of-bytes", "32")).Length);

        var macKey = (await service.Kms.CreateKeyAsync(new() { KeySpec = "HMAC_224", KeyUsage = "GENERATE_VERIFY_MAC" })).KeyMetadata.KeyId;
        await using (var message = new BlobFile(Convert.ToBase64String("message"u8)))
        {
            string[] mac = ["--key-id", macKey, "--mac-algorithm", "HMAC_SHA_224", "--message", message.Argument];
            await using var made = new BlobFile(await TextAsync("Mac", ["generate-mac", .. mac]));
            Assert.Equal("true", await TextAsync("MacValid", ["verify-mac", .. mac, "--mac", made.Argument]), ignoreCase: true);
            Says("(KMSInvalidMacException)", await cli.FailAsync(["kms", "verify-mac", .. mac, "--mac", message.Argument]));
        }

        Assert.Contains("Enable IAM User Permissions", (await JsonAsync("get-key-policy", "--key-id", arn, "--policy-name", "default"))["Policy"]!.GetValue<string>(), StringComparison.Ordinal);
        Says("(MalformedPolicyDocumentException) when calling the PutKeyPolicy operation: The new key policy will not allow you to update the key policy in the future.",
            await cli.FailAsync("kms", "put-key-policy", "--key-id", arn, "--policy-name", "default", "--policy", $$"""
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"{{Root}}"},"Action":"kms:Get*","Resource":"*"}]}
                """));

        for (var i = 0; i < 3; i++)
            await TextAsync("GrantId", "create-grant", "--key-id", arn, "--grantee-principal", Root, "--retiring-principal", Root, "--operations", "Decrypt", "DescribeKey");
        var grants = (await JsonAsync("list-grants", "--key-id", arn, "--page-size", "1"))["Grants"]!.AsArray().Select(grant => (string)grant!["GrantId"]!).ToList();
        Assert.Equal(3, grants.Count);
        await cli.RunAsync("kms", "revoke-grant", "--key-id", arn, "--grant-id", grants[0]);
        await cli.RunAsync("kms", "retire-grant", "--key-id", arn, "--grant-id", grants[1]);
        var left = (await JsonAsync("list-retirable-grants", "--retiring-principal", Root))["Grants"]!.AsArray().Where(grant => (string)grant!["KeyId"]! == arn);
        Assert.Equal([grants[2]], left.Select(grant => (string)grant!["GrantId"]!));

        async Task<JsonNode> JsonAsync(params string[] arguments) => JsonNode.Parse(await cli.RunAsync(["kms", .. arguments, "--output", "json"]))!;

        async Task<string> TextAsync(string member, params string[] arguments) => (await JsonAsync(arguments))[member]!.ToString();
    }

    private static void Says(string expected, string said) => Assert.True(said.Contains(expected, StringComparison.Ordinal), said);

    /// <summary>Bytes in a file, which both versions of the CLI take for a blob in the same way.</summary>
    private sealed class BlobFile : IAsyncDisposable
    {
        private readonly string path = Path.GetTempFileName();

        public BlobFile(string base64) => File.WriteAllBytes(path, Convert.FromBase64String(base64));

        public string Argument => $"fileb://{path}";

        public ValueTask DisposeAsync()
        {
            File.Delete(path);
            return default;
        }
    }
}
