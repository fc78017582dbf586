using System.Net;
using System.Text.RegularExpressions;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Stored;
using Serverless.LocalHost.Azurite;

namespace Serverless.EndToEnd.Multipart;

/// <summary>A service that is killed between the steps of a completion, or while parts come: the object is there whole or not at all, and the client's next try succeeds.</summary>
public sealed partial class UploadCrashTests : IAsyncLifetime
{
    private static readonly byte[] Large = TestData.Bytes(5 * TestData.Mebibyte, seed: 8);

    private readonly string _dataFolder = Directory.CreateTempSubdirectory("end-to-end-").FullName;
    private readonly List<StorageRelay> _relays = [];
    private AzuriteProcess? _azurite;
    private ServiceProcess? _service;

    /// <summary>The request to the storage at which the service dies, and whether the storage still gets it; null while none is to.</summary>
    private (Regex Request, bool Arrives)? _end;

    public async Task InitializeAsync() => _azurite = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);

    public async Task DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync();
        foreach (var relay in _relays) await relay.DisposeAsync();
        await _azurite!.DisposeAsync();
        Directory.Delete(_dataFolder, recursive: true);
    }

    [Theory]
    [InlineData("PUT", false, false)]
    [InlineData("PUT", true, true)]
    [InlineData("POST", false, true)]
    [InlineData("POST", true, true)]
    public async Task A_completion_that_is_cut_short_leaves_the_object_whole_or_none_and_can_be_repeated(string method, bool arrives, bool isThere)
    {
        await StartThroughRelaysAsync();
        RawUpload upload;
        (int, string)[] parts;
        await using (var clients = ServiceClients.Of(_service!))
        {
            var bucket = await clients.NewBucketAsync();
            (await clients.Http.SendAsync(RawRequest.Put(bucket, "object", "before"u8.ToArray()))).MustBe(HttpStatusCode.OK);
            upload = await RawUpload.BeginAsync(clients.Http, bucket, "object");
            parts = [await upload.PutPartAsync(1, Large), await upload.PutPartAsync(2, "last"u8.ToArray())];
            // The bucket's creation is on the trail by now: what follows is the completion's own.
            await Eventually.TrueAsync(async () => (await new CloudTrail(clients.Http).LookupAsync("EventName", "CreateBucket")).Count > 0, "the bucket's creation on the trail");
            _end = (method == "PUT" ? ObjectWrite() : Transaction(), arrives);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload.CompleteAsync(parts));
            await _service!.KillAsync();
            if (arrives) await Task.Delay(500);
        }

        await using var restarted = await ServiceProcess.StartAsync(_azurite!.ConnectionString, _dataFolder);
        await using var again = ServiceClients.Of(restarted);
        var found = (await again.Http.SendAsync(RawRequest.Get(upload.Bucket, "object"))).MustBe(HttpStatusCode.OK);
        var whole = (byte[])[.. Large, .. "last"u8];
        Assert.True(isThere ? found.Body.AsSpan().SequenceEqual(whole) : found.Text == "before", $"{found.Body.Length} bytes");

        (await again.Http.SendAsync(upload.Completion(parts))).MustBe(HttpStatusCode.OK);
        Assert.True((await again.Http.SendAsync(RawRequest.Get(upload.Bucket, "object"))).Body.AsSpan().SequenceEqual(whole));
        Assert.False(RawUpload.Has(await again.Http.SendAsync(RawUpload.ListUploads(upload.Bucket)), "Upload"));
        Assert.Equal(0, await restarted.StopAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_part_that_is_cut_short_does_not_count_and_the_upload_goes_on(bool arrives)
    {
        await StartThroughRelaysAsync();
        RawUpload upload;
        (int, string) first;
        await using (var clients = ServiceClients.Of(_service!))
        {
            upload = await RawUpload.BeginAsync(clients.Http, await clients.NewBucketAsync(), "object");
            first = await upload.PutPartAsync(1, Large);
            _end = (DataWrite(), arrives);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => upload.PutAsync(2, TestData.Bytes(9 * TestData.Mebibyte)));
            await _service!.KillAsync();
        }

        await using var restarted = await ServiceProcess.StartAsync(_azurite!.ConnectionString, _dataFolder);
        await using var again = ServiceClients.Of(restarted);
        Assert.Equal(["1"], RawUpload.Fields(await again.Http.SendAsync(upload.PartsList()), "Part", "PartNumber"));
        var second = (await again.Http.SendAsync(upload.Part(2, "last"u8.ToArray()))).MustBe(HttpStatusCode.OK)["etag"]!;
        (await again.Http.SendAsync(upload.Completion([first, (2, second)]))).MustBe(HttpStatusCode.OK);
        Assert.True((await again.Http.SendAsync(RawRequest.Get(upload.Bucket, "object"))).Body.AsSpan().SequenceEqual([.. Large, .. "last"u8]));
        Assert.Equal(0, await restarted.StopAsync());
    }

    private async Task StartThroughRelaysAsync()
    {
        var storage = Port().Replace(_azurite!.ConnectionString, port =>
        {
            _relays.Add(StorageRelay.To(int.Parse(port.Value, System.Globalization.CultureInfo.InvariantCulture), Note));
            return $"{_relays[^1].Port}";
        });
        _service = await ServiceProcess.StartAsync(storage, _dataFolder);
    }

    private void Note(string request)
    {
        if (_end is not { } end || !end.Request.IsMatch(request)) return;
        _end = null;
        _service!.KillAsync().Wait();
        if (!end.Arrives) throw new IOException("The test cuts the connection here.");
    }

    [GeneratedRegex(@"(?<=Endpoint=http://127\.0\.0\.1:)[0-9]+")]
    private static partial Regex Port();

    [GeneratedRegex("^PUT /devstoreaccount1/test-[^/]+/object")]
    private static partial Regex ObjectWrite();

    [GeneratedRegex(@"^POST /devstoreaccount1/\$batch")]
    private static partial Regex Transaction();

    /// <summary>The commit of a part's blocks.</summary>
    [GeneratedRegex("^PUT /devstoreaccount1/uploads/.*comp=blocklist")]
    private static partial Regex DataWrite();
}
