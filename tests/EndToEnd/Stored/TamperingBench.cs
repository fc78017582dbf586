using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Stored;

/// <summary>Objects for tampering with, and the judgement over what is read of them afterwards.</summary>
internal sealed class TamperingBench(ServiceFixture service, string mode, int size, CustomerKey customerKey)
{
    private const string Sse = "x-amz-server-side-encryption";

    public static async Task<TamperingBench> NewAsync(ServiceFixture service, string mode, int size) =>
        new(service, mode, size, CustomerKey.New()) { Bucket = await service.NewBucketAsync() };

    public required string Bucket { get; init; }

    /// <summary>The bodies that were put, by key.</summary>
    public Dictionary<string, byte[]> Bodies { get; } = [];

    /// <summary>Puts an object of this mode and size.</summary>
    public async Task<StoredBlob> PutAsync(string key, int seed = 1)
    {
        Bodies[key] = TestData.Bytes(size, seed);
        (await service.Https.SendAsync(RawRequest.Put(Bucket, key, Bodies[key], Headers))).MustBe(HttpStatusCode.OK);
        return await StoredBlob.ReadAsync(service, Bucket, key);
    }

    /// <summary>Uploads an object of this mode in two parts of this size, the second of which was uploaded twice; also its parts' data, the replaced ones between the others.</summary>
    public async Task<(StoredBlob Object, IReadOnlyList<StoredBlob> Data)> UploadAsync(string key, int seed = 1)
    {
        Bodies[key] = TestData.Bytes(2 * size, seed);
        var upload = await RawUpload.BeginAsync(service.Https, Bucket, key, Headers, mode == Mode.Customer ? customerKey.Headers : []);
        var first = await upload.PutPartAsync(1, Bodies[key][..size]);
        await upload.PutPartAsync(2, TestData.Bytes(size, seed + 100));
        var second = await upload.PutPartAsync(2, Bodies[key][size..]);
        (await upload.CompleteAsync([first, second])).MustBe(HttpStatusCode.OK);
        var stored = await StoredBlob.ReadAsync(service, Bucket, key);
        return (stored, await stored.ReadPartsAsync(service));
    }

    private (string, string)[] Headers => mode switch
    {
        Mode.Customer => customerKey.Headers,
        Mode.BucketKey => [(Sse, "aws:kms"), ($"{Sse}-bucket-key-enabled", "true")],
        _ => [(Sse, mode)],
    };

    /// <summary>Whether the object, or the range of it, is still given out as it was put. Nothing but what was put there is ever given out, in error or not.</summary>
    public async Task<bool> GivesOutAsync(string key, int offset = 0, int? count = null)
    {
        List<(string, string)> headers = mode == Mode.Customer ? [.. customerKey.Headers] : [];
        var expected = Bodies[key].AsMemory(offset);
        if (count is not null)
        {
            expected = expected[..count.Value];
            headers.Add(("Range", $"bytes={offset}-{offset + count - 1}"));
        }
        using var client = RawClient.NewHttpClient(service.Process.AuthorityFile);
        using var request = new RawClient(service.Https.Endpoint, client).Write(RawRequest.Get(Bucket, key, [.. headers]));
        using var answer = await SendAsync(client, request);
        if (answer is null) return false;
        if (!answer.IsSuccessStatusCode)
        {
            Assert.True((int)answer.StatusCode >= 400, $"{answer.StatusCode}");
            return false;
        }
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var received = 0;
        try
        {
            while (await body.ReadAsync(buffer) is > 0 and var read)
            {
                Assert.True(received + read <= expected.Length && expected.Span.Slice(received, read).SequenceEqual(buffer.AsSpan(0, read)), $"Wrong bytes at {received}.");
                received += read;
            }
        }
        catch (IOException)
        {
            // The connection was cut: the client knows that it has not got the object.
            return false;
        }
        return received == expected.Length;
    }

    /// <summary>Null where the connection was cut before the answer's head had left.</summary>
    private static async Task<HttpResponseMessage?> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (HttpRequestException e) when (e.InnerException is IOException)
        {
            return null;
        }
    }
}
