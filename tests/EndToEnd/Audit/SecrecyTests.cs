using System.Net;
using System.Text;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Audit;

/// <summary>Neither the audit trail nor what the service prints ever holds a key, a plaintext, a ciphertext or an Authorization header.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class SecrecyTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";

    [Fact]
    public async Task No_secret_of_a_request_is_printed_or_recorded()
    {
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        var key = CustomerKey.New();
        var signatures = new List<string>();
        foreach (var request in new[]
        {
            RawRequest.Put(bucket, "customer", "a secret body"u8.ToArray(), key.Headers),
            RawRequest.Get(bucket, "customer", key.Headers),
            RawRequest.Get(bucket, "customer", [.. key.Headers[..2], (key.Headers[2].Name, CustomerKey.New().Md5)]),
            RawRequest.Get(bucket, "customer", key.Headers) with { Tamper = target => target + "?tampered" },
            RawRequest.Put(bucket, "kms", "a secret body"u8.ToArray(), (Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", arn)),
            RawRequest.Get(bucket, "kms"),
        })
        {
            using var written = service.Https.Write(request);
            signatures.Add(written.Headers.NonValidated["Authorization"].ToString().Split("Signature=")[1]);
            var answer = await service.Https.SendAsync(request);
            // Also a refusal's document shows no key, though it shows what was signed.
            Assert.DoesNotContain(key.Base64, answer.Text, StringComparison.Ordinal);
        }
        var generated = await service.Kms.GenerateDataKeyAsync(new Amazon.KeyManagementService.Model.GenerateDataKeyRequest { KeyId = arn, KeySpec = "AES_256" });
        var encrypted = await service.Kms.EncryptAsync(new() { KeyId = arn, Plaintext = new MemoryStream("a secret plaintext"u8.ToArray()) });
        await service.Kms.DecryptAsync(new() { CiphertextBlob = new(encrypted.CiphertextBlob.ToArray()) });
        await Eventually.TrueAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", arn)).Count >= 6, "the records of these uses");

        byte[][] secrets =
        [
            key.Bytes, generated.Plaintext.ToArray(), generated.CiphertextBlob.ToArray(), encrypted.CiphertextBlob.ToArray(), "a secret plaintext"u8.ToArray(), "a secret body"u8.ToArray(),
        ];
        List<string> forms = [TestAccount.SecretAccessKey, "a secret plaintext", "a secret body", key.Md5, .. signatures];
        foreach (var secret in secrets) forms.AddRange([Convert.ToBase64String(secret), Convert.ToHexString(secret), Convert.ToHexStringLower(secret)]);
        foreach (var place in new[] { service.Process.Output, await RecordsAsync() })
        {
            Assert.NotEmpty(place);
            foreach (var form in forms) Assert.DoesNotContain(form, place, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task By_default_the_master_keys_uses_are_not_recorded()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        var fence = await service.NewKeyAsync();
        await Eventually.TrueAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", fence)).Count > 0, "a record from after them");
        Assert.Empty(await service.CloudTrail.LookupAsync("ResourceName", $"arn:aws:s3:::{bucket}/object"));
    }

    /// <summary>Everything in the audit tables and queues, as text.</summary>
    private async Task<string> RecordsAsync()
    {
        var text = new StringBuilder();
        var tables = new TableServiceClient(service.Storage);
        await foreach (var table in tables.QueryAsync(table => table.Name != "Buckets"))
        {
            // Keys' own tables hold wrapped keys, by design; the audit's hold none.
            if (!table.Name.StartsWith("Audit", StringComparison.Ordinal)) continue;
            await foreach (var row in tables.GetTableClient(table.Name).QueryAsync<TableEntity>())
                foreach (var (_, value) in row) text.AppendLine(value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value?.ToString());
        }
        var queues = new QueueServiceClient(service.Storage, new QueueClientOptions(QueueClientOptions.ServiceVersion.V2026_06_06) { MessageEncoding = QueueMessageEncoding.Base64 });
        await foreach (var queue in queues.GetQueuesAsync())
            foreach (var message in (await queues.GetQueueClient(queue.Name).PeekMessagesAsync(32)).Value) text.AppendLine(message.Body.ToString());
        return text.ToString();
    }
}
