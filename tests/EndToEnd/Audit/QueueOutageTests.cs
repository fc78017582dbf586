using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon.KeyManagementService.Model;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Stored;
using Serverless.LocalHost.Azurite;

namespace Serverless.EndToEnd.Audit;

/// <summary>No audit, no key: while the audit queue is cut off, or does not answer, no KMS key is used, nothing that is on the trail is changed, and the answer says so.</summary>
public sealed partial class QueueOutageTests : IAsyncLifetime, IDisposable
{
    private const string Sse = "x-amz-server-side-encryption";

    private readonly string _dataFolder = Directory.CreateTempSubdirectory("end-to-end-").FullName;
    private readonly ManualResetEventSlim _over = new(initialState: true);
    private AzuriteProcess? _azurite;
    private StorageRelay? _queue;
    private ServiceProcess? _service;
    private ServiceClients? _clients;
    private bool _hangs;

    private RawClient Http => _clients!.Http;

    public async Task InitializeAsync() => _azurite = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);

    public async Task DisposeAsync()
    {
        _over.Set();
        if (_clients is not null) await _clients.DisposeAsync();
        if (_service is not null) await _service.DisposeAsync();
        if (_queue is not null) await _queue.DisposeAsync();
        await _azurite!.DisposeAsync();
        Directory.Delete(_dataFolder, recursive: true);
    }

    public void Dispose() => _over.Dispose();

    [Theory]
    [InlineData("Kms", false)]
    [InlineData("Kms", true)]
    [InlineData("All", false)]
    [InlineData("All", true)]
    public async Task Without_the_queue_no_key_is_used_and_nothing_is_changed(string scope, bool hangs)
    {
        await StartAsync(scope, hangs);
        var (bucket, key) = (await _clients!.NewBucketAsync(), (await _clients.Kms.CreateKeyAsync(new())).KeyMetadata);
        await _clients.Kms.EnableKeyRotationAsync(new EnableKeyRotationRequest { KeyId = key.KeyId, RotationPeriodInDays = 90 });
        var ciphertext = Convert.ToBase64String((await _clients.Kms.EncryptAsync(new() { KeyId = key.KeyId, Plaintext = new("secret"u8.ToArray()) })).CiphertextBlob.ToArray());
        (string, string)[] kms = [(Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", key.Arn)];
        (string, string)[] bucketKey = [.. kms, ($"{Sse}-bucket-key-enabled", "true")];
        foreach (var (name, headers) in new[] { ("kms", kms), ("under-bucket-key", bucketKey), ("s3", []) })
            (await Http.SendAsync(RawRequest.Put(bucket, name, "before"u8.ToArray(), headers))).MustBe(HttpStatusCode.OK);
        await DescribeMasterKeyAsync();
        var before = await WrittenAsync(bucket);
        Assert.Contains(key.KeyId, before, StringComparison.Ordinal);

        _over.Reset();
        // At once, so that those that wait for the queue wait together.
        var isAll = scope == "All";
        await Task.WhenAll(
        [
            S3Async(RawRequest.Get(bucket, "kms")),
            S3Async(RawRequest.Get(bucket, "under-bucket-key")),
            S3Async(RawRequest.Put(bucket, "new", "new"u8.ToArray(), kms)),
            S3Async(RawRequest.Put(bucket, "new-under-bucket-key", "new"u8.ToArray(), bucketKey)),
            S3Async(RawRequest.Put(bucket, "new-large", TestData.Bytes(9 * TestData.Mebibyte), kms)),
            S3Async(RawRequest.Copy(bucket, "kms", bucket, "copy", kms)),
            S3Async(new("PUT", $"/never-{Guid.NewGuid():N}")),
            S3Async(new("PUT", $"/{bucket}") { Query = [("policy", "")], Body = Encoding.UTF8.GetBytes($$"""
                {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*"}]}
                """) }),
            S3Async(new("DELETE", $"/{bucket}") { Query = [("encryption", "")] }),
            KmsAsync("Decrypt", new() { ["CiphertextBlob"] = ciphertext }),
            KmsAsync("Encrypt", new() { ["KeyId"] = key.KeyId, ["Plaintext"] = "c2VjcmV0" }),
            KmsAsync("GenerateDataKey", new() { ["KeyId"] = key.KeyId, ["KeySpec"] = "AES_256" }),
            KmsAsync("CreateKey", []),
            KmsAsync("PutKeyPolicy", new() { ["KeyId"] = key.KeyId, ["Policy"] = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}""" }),
            KmsAsync("RotateKeyOnDemand", new() { ["KeyId"] = key.KeyId }),
            KmsAsync("DisableKeyRotation", new() { ["KeyId"] = key.KeyId }),
            KmsAsync("DisableKey", new() { ["KeyId"] = key.KeyId }),
            KmsAsync("ScheduleKeyDeletion", new() { ["KeyId"] = key.KeyId }),
            KmsAsync("CreateAlias", new() { ["AliasName"] = "alias/never", ["TargetKeyId"] = key.KeyId }),
            KmsAsync("CreateGrant", new() { ["KeyId"] = key.KeyId, ["GranteePrincipal"] = $"arn:aws:iam::{TestAccount.Id}:root", ["Operations"] = new JsonArray("Decrypt") }),
            KmsAsync("TagResource", new() { ["KeyId"] = key.KeyId, ["Tags"] = new JsonArray(new JsonObject { ["TagKey"] = "a", ["TagValue"] = "b" }) }),
            JsonAsync("sse", "ServerlessSse_20261125.RotateMasterKey", [], "ServiceUnavailableException"),
            IamAsync(),
            .. isAll ? [S3Async(RawRequest.Get(bucket, "s3")), S3Async(RawRequest.Put(bucket, "new", "new"u8.ToArray()))] : Array.Empty<Task>(),
            // What the queue has no part in is answered as ever.
            UnknownKeyAsync(bucket),
        ]);
        var meanwhile = await WrittenAsync(bucket);
        if (!isAll)
        {
            (await Http.SendAsync(RawRequest.Put(bucket, "s3", "after"u8.ToArray()))).MustBe(HttpStatusCode.OK);
            Assert.Equal("after", (await Http.SendAsync(RawRequest.Get(bucket, "s3"))).MustBe(HttpStatusCode.OK).Text);
        }
        _over.Set();

        Assert.Equal(before, meanwhile);
        Assert.Equal(1, (await DescribeMasterKeyAsync())["CurrentVersion"]!.GetValue<int>());
        Assert.Empty((await _clients.Kms.ListKeyRotationsAsync(new() { KeyId = key.KeyId })).Rotations ?? []);
        foreach (var name in new[] { "kms", "under-bucket-key" })
            Assert.Equal("before", (await Http.SendAsync(RawRequest.Get(bucket, name))).MustBe(HttpStatusCode.OK).Text);
        (await Http.SendAsync(RawRequest.Put(bucket, "new", "new"u8.ToArray(), kms))).MustBe(HttpStatusCode.OK);
    }

    private async Task StartAsync(string scope, bool hangs)
    {
        _hangs = hangs;
        var storage = QueuePort().Replace(_azurite!.ConnectionString, port =>
            $"{(_queue = StorageRelay.To(int.Parse(port.Value, System.Globalization.CultureInfo.InvariantCulture), Note)).Port}");
        _service = await ServiceProcess.StartAsync(storage, _dataFolder, ("Audit__Scope", scope));
        _clients = ServiceClients.Of(_service);
    }

    private void Note(string request)
    {
        if (_over.IsSet) return;
        if (_hangs) _over.Wait(TimeSpan.FromSeconds(20));
        throw new IOException("The queue is cut off.");
    }

    private async Task S3Async(RawRequest request) => (await Http.SendAsync(request)).MustBeError(503, "ServiceUnavailable");

    private Task KmsAsync(string operation, JsonObject body) => JsonAsync("kms", $"TrentService.{operation}", body, "DependencyTimeoutException");

    private async Task JsonAsync(string api, string target, JsonObject body, string error)
    {
        var answer = (await SendAsync(api, target, body)).MustBe(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(error, (string?)JsonNode.Parse(answer.Body)!["__type"]);
    }

    private async Task IamAsync()
    {
        var answer = (await new QueryApi(Http).CallAsync("CreateUser", ("UserName", "never"))).MustBe(HttpStatusCode.ServiceUnavailable);
        Assert.Contains("<Code>ServiceUnavailable</Code>", answer.Text, StringComparison.Ordinal);
    }

    private async Task UnknownKeyAsync(string bucket) => (await Http.SendAsync(RawRequest.Get(bucket, "s3") with
    {
        Signer = new("AKIANOBODYNOBODY0001", "secret", TestAccount.Region, "s3", DateTimeOffset.UtcNow),
    })).MustBeError(403, "InvalidAccessKeyId");

    private async Task<JsonNode> DescribeMasterKeyAsync() =>
        JsonNode.Parse((await SendAsync("sse", "ServerlessSse_20261125.DescribeMasterKey", [])).MustBe(HttpStatusCode.OK).Body)!;

    private Task<RawAnswer> SendAsync(string api, string target, JsonObject body) => Http.SendAsync(new("POST", "/")
    {
        Headers = [("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-1.1")],
        Body = Encoding.UTF8.GetBytes(body.ToJsonString()),
        Signer = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, TestAccount.Region, api, DateTimeOffset.UtcNow),
    });

    /// <summary>Everything in the store that says something: not key versions that are not current, counts of wraps made in advance, data that belong to no object, and the trail itself.</summary>
    private async Task<string> WrittenAsync(string bucket)
    {
        var written = new List<string>();
        var tables = new TableServiceClient(_azurite!.ConnectionString);
        await foreach (var table in tables.QueryAsync())
        {
            if (table.Name.StartsWith("Audit", StringComparison.Ordinal)) continue;
            await foreach (var row in tables.GetTableClient(table.Name).QueryAsync<TableEntity>(row => row.PartitionKey != ""))
                if (!row.RowKey.StartsWith("version:", StringComparison.Ordinal) && !row.RowKey.StartsWith("wraps:", StringComparison.Ordinal))
                    written.Add($"{table.Name} {row.PartitionKey} {row.RowKey} {row.ETag}");
        }
        var blobs = new BlobServiceClient(_azurite.ConnectionString, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
        await foreach (var container in blobs.GetBlobContainersAsync(prefix: bucket))
            await foreach (var blob in blobs.GetBlobContainerClient(container.Name).GetBlobsAsync())
                written.Add($"{container.Name} {blob.Name} {blob.Properties.ETag}");
        return string.Join('\n', written);
    }

    [GeneratedRegex(@"(?<=QueueEndpoint=http://127\.0\.0\.1:)[0-9]+")]
    private static partial Regex QueuePort();
}
