using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.LocalHost.Azurite;

namespace Serverless.EndToEnd.Robustness;

/// <summary>A service that is killed, restarted, or started wrongly.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    private const string Sse = "x-amz-server-side-encryption";

    private readonly string _dataFolder = Directory.CreateTempSubdirectory("end-to-end-").FullName;
    private AzuriteProcess? _azurite;

    private string Storage => _azurite!.ConnectionString;

    public async Task InitializeAsync() => _azurite = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _azurite!.DisposeAsync();
        Directory.Delete(_dataFolder, recursive: true);
    }

    [Fact]
    public async Task A_service_killed_during_an_upload_leaves_no_new_object_and_every_old_one()
    {
        string bucket;
        await using (var service = await ServiceProcess.StartAsync(Storage, _dataFolder))
        {
            await using var clients = ServiceClients.Of(service);
            bucket = await clients.NewBucketAsync();
            foreach (var (key, mode) in new[] { ("old", "AES256"), ("old-kms", "aws:kms"), ("old-double", "aws:kms:dsse") })
                (await clients.Http.SendAsync(RawRequest.Put(bucket, key, TestData.Bytes(9 * TestData.Mebibyte), (Sse, mode)))).MustBe(HttpStatusCode.OK);

            var uploads = new[] { "new", "old" }.Select(key => UploadHalfAsync(clients, bucket, key)).ToList();
            await Task.WhenAll(uploads.Select(upload => upload.HalfSent));
            await service.KillAsync();
            foreach (var upload in uploads) await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload.Answer);
        }

        await using var restarted = await ServiceProcess.StartAsync(Storage, _dataFolder);
        await using var again = ServiceClients.Of(restarted);
        (await again.Http.SendAsync(RawRequest.Head(bucket, "new"))).MustBe(HttpStatusCode.NotFound);
        foreach (var key in new[] { "old", "old-kms", "old-double" })
        {
            var got = (await again.Http.SendAsync(RawRequest.Get(bucket, key))).MustBe(HttpStatusCode.OK);
            Assert.True(TestData.Bytes(9 * TestData.Mebibyte).AsSpan().SequenceEqual(got.Body), key);
        }
        (await again.Http.SendAsync(RawRequest.Put(bucket, "new", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        // What the audit queue held when the service was killed is written now; nothing is lost, nothing twice.
        var trail = new CloudTrail(again.Http);
        var records = await Eventually.GetAsync(async () =>
            await trail.LookupAsync("ResourceName", $"arn:aws:s3:::{bucket}/old-kms") is { Count: >= 2 } found ? found : null, "the records from before and after");
        Assert.Equal(["Decrypt", "GenerateDataKey"], records.Select(record => (string)record["eventName"]!));
        Assert.Equal(0, await restarted.StopAsync());
    }

    [Fact]
    public async Task Another_root_key_than_the_one_that_the_storage_is_under_stops_the_start_with_one_sentence()
    {
        await using (var service = await ServiceProcess.StartAsync(Storage, _dataFolder)) Assert.Equal(0, await service.StopAsync());
        var other = Directory.CreateTempSubdirectory("end-to-end-").FullName;
        try
        {
            var (exitCode, output) = await ServiceProcess.RefuseAsync(Storage, other);
            Assert.NotEqual(0, exitCode);
            var said = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains("root key", said, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public async Task Without_its_storage_the_service_answers_that_it_is_not_available_and_recovers()
    {
        await using var service = await ServiceProcess.StartAsync(Storage, _dataFolder);
        await using var clients = ServiceClients.Of(service);
        var bucket = await clients.NewBucketAsync();
        (await clients.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), (Sse, "aws:kms")))).MustBe(HttpStatusCode.OK);
        await _azurite!.DisposeAsync();

        var put = await clients.Http.SendAsync(RawRequest.Put(bucket, "object", "other"u8.ToArray(), (Sse, "aws:kms")));
        put.MustBeError(503, "ServiceUnavailable");
        (await clients.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBeError(503, "ServiceUnavailable");
        // An answer of the health endpoint's is good for a few seconds.
        await Eventually.TrueAsync(
            async () => (await clients.Http.SendAsync(new RawRequest("GET", "/_health/ready"))).Status == HttpStatusCode.ServiceUnavailable, "that it says it is not ready");
        Assert.Equal(HttpStatusCode.OK, (await clients.Http.SendAsync(new RawRequest("GET", "/_health/live"))).Status);
        // Another Azurite at the same ports is another account, and an empty one: the service must see that, too.
        var ports = System.Text.RegularExpressions.Regex.Matches(Storage, @"(Blob|Queue|Table)Endpoint=http://127\.0\.0\.1:([0-9]+)")
            .ToDictionary(match => match.Groups[1].Value, match => int.Parse(match.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));
        _azurite = await AzuriteProcess.StartAsync(new AzuriteOptions { BlobPort = ports["Blob"], QueuePort = ports["Queue"], TablePort = ports["Table"] }, CancellationToken.None);
        await Eventually.TrueAsync(async () => (await clients.Http.SendAsync(RawRequest.Get(bucket, "object"))).ErrorCode == "NoSuchBucket", "the empty account");
    }

    /// <summary>An upload of 20 MiB that stops half-way and waits.</summary>
    private static (Task HalfSent, Task Answer) UploadHalfAsync(ServiceClients clients, string bucket, string key)
    {
        var halfSent = new TaskCompletionSource();
        var message = clients.Http.Write(RawRequest.Put(bucket, key, []) with { ContentSha256 = "UNSIGNED-PAYLOAD" });
        message.Content = new HalfContent(20 * TestData.Mebibyte, halfSent);
        return (halfSent.Task, SendAsync());

        async Task SendAsync()
        {
            using var client = RawClient.NewHttpClient(null);
            using (message) (await client.SendAsync(message)).Dispose();
        }
    }

    private sealed class HalfContent(int size, TaskCompletionSource halfSent) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var sent = 0; sent < size / 2; sent += TestData.Mebibyte) await stream.WriteAsync(TestData.Bytes(TestData.Mebibyte));
            await stream.FlushAsync();
            halfSent.TrySetResult();
            // Until the connection breaks.
            while (true)
            {
                await Task.Delay(100);
                await stream.WriteAsync(new byte[1]);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return true;
        }
    }
}
