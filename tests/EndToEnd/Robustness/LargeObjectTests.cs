using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.LocalHost.Azurite;

namespace Serverless.EndToEnd.Robustness;

/// <summary>Memory does not grow with the object.</summary>
public sealed class LargeObjectTests : IAsyncLifetime
{
    private const long Size = 1L << 30;
    private const int MaxResidentMebibytes = 300;

    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-").FullName;
    private AzuriteProcess? _azurite;

    public async Task InitializeAsync() =>
        // On disk: the emulator's memory holds no such object on a small machine.
        _azurite = await AzuriteProcess.StartAsync(new AzuriteOptions { DataFolder = Path.Combine(_folder, "azurite") }, CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _azurite!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public async Task One_GiB_is_put_got_and_copied_in_two_layers_within_300_MiB_of_resident_memory()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The peak of resident memory is read from /proc, which this system does not have.");
        Skip.If(new DriveInfo(_folder).AvailableFreeSpace < 4 * Size, "There are less than 4 GiB free where temporary files go.");
        await using var service = await ServiceProcess.StartAsync(_azurite!.ConnectionString, Path.Combine(_folder, "service"));
        await using var clients = ServiceClients.Of(service);
        var bucket = await clients.NewBucketAsync();

        using (var put = clients.Http.Write(RawRequest.Put(bucket, "object", []) with { ContentSha256 = "UNSIGNED-PAYLOAD" }))
        {
            put.Content = new PatternContent(0, Size);
            using var client = RawClient.NewHttpClient(null);
            using var stored = await client.SendAsync(put);
            Assert.True(stored.StatusCode == HttpStatusCode.OK, await stored.Content.ReadAsStringAsync());
        }
        await GetAsync(clients, bucket);
        // Long enough under way that its answer begins before it is known.
        var copied = (await clients.Http.SendAsync(RawRequest.Copy(bucket, "object", bucket, "object", ("x-amz-server-side-encryption", "aws:kms:dsse")))).MustBe(HttpStatusCode.OK);
        Assert.Contains("<CopyObjectResult", copied.Text, StringComparison.Ordinal);
        await GetAsync(clients, bucket);
        Assert.InRange(service.PeakResidentMebibytes(), 1, MaxResidentMebibytes);
        (await clients.Http.SendAsync(RawRequest.Delete(bucket, "object"))).MustBe(HttpStatusCode.NoContent);
        Assert.Equal(0, await service.StopAsync());
    }

    /// <summary>Some parts are larger than memory should be, several come at once, and one is copied out of another object.</summary>
    [SkippableFact]
    public async Task One_GiB_is_uploaded_in_parts_and_copied_within_300_MiB_of_resident_memory()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The peak of resident memory is read from /proc, which this system does not have.");
        Skip.If(new DriveInfo(_folder).AvailableFreeSpace < 4 * Size, "There are less than 4 GiB free where temporary files go.");
        await using var service = await ServiceProcess.StartAsync(_azurite!.ConnectionString, Path.Combine(_folder, "service"));
        await using var clients = ServiceClients.Of(service);
        var bucket = await clients.NewBucketAsync();

        var upload = await RawUpload.BeginAsync(clients.Http, bucket, "source");
        long[] sizes = [Size / 2, .. Enumerable.Repeat(Size / 32, 16)];
        var offset = 0L;
        var starts = sizes.Select(size => (offset += size) - size).ToArray();
        var parts = new (int Number, string ETag)[sizes.Length];
        await Parallel.ForEachAsync(Enumerable.Range(0, sizes.Length), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, token) =>
        {
            using var put = clients.Http.Write(upload.Part(i + 1, []));
            put.Content = new PatternContent(starts[i], sizes[i]);
            using var client = RawClient.NewHttpClient(null);
            using var stored = await client.SendAsync(put, token);
            Assert.True(stored.StatusCode == HttpStatusCode.OK, await stored.Content.ReadAsStringAsync(token));
            parts[i] = (i + 1, stored.Headers.ETag!.Tag);
        });
        (await upload.CompleteAsync(parts)).MustBe(HttpStatusCode.OK);

        var copy = await RawUpload.BeginAsync(clients.Http, bucket, "object");
        var copied = (await copy.CopyAsync(1, $"{bucket}/source")).MustBe(HttpStatusCode.OK);
        (await copy.CompleteAsync([(1, RawUpload.Field(copied, "ETag"))])).MustBe(HttpStatusCode.OK);
        await GetAsync(clients, bucket);
        Assert.InRange(service.PeakResidentMebibytes(), 1, MaxResidentMebibytes);
        Assert.Equal(0, await service.StopAsync());
    }

    /// <summary>Gets the object and compares every byte.</summary>
    private static async Task GetAsync(ServiceClients clients, string bucket)
    {
        using var get = clients.Http.Write(RawRequest.Get(bucket, "object"));
        using var client = RawClient.NewHttpClient(null);
        using var got = await client.SendAsync(get, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, (long?)Size), (got.StatusCode, got.Content.Headers.ContentLength));
        await using var body = await got.Content.ReadAsStreamAsync();
        var buffer = new byte[TestData.Mebibyte];
        var expected = TestData.Bytes(TestData.Mebibyte);
        for (var at = 0L; at < Size; at += buffer.Length)
        {
            await body.ReadExactlyAsync(buffer);
            PatternContent.Mark(expected, at);
            Assert.True(expected.AsSpan().SequenceEqual(buffer), $"Wrong bytes in the MiB at {at}.");
        }
        Assert.Equal(0, await body.ReadAsync(buffer));
    }

    /// <summary>Bytes whose every MiB begins with its own offset in the object.</summary>
    private sealed class PatternContent(long offset, long size) : HttpContent
    {
        public static void Mark(byte[] mebibyte, long offset) => BitConverter.TryWriteBytes(mebibyte, offset);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var mebibyte = TestData.Bytes(TestData.Mebibyte);
            for (var at = offset; at < offset + size; at += mebibyte.Length)
            {
                Mark(mebibyte, at);
                await stream.WriteAsync(mebibyte);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return true;
        }
    }
}
