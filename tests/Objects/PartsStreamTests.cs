using CsCheck;
using Serverless.Encryption;
using Serverless.Objects.Bodies;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

public sealed class PartsStreamTests
{
    private const string Folder = "container/upload";

    private static readonly byte[] Id = [.. Enumerable.Range(1, StreamContext.IdSize).Select(i => (byte)i)];

    /// <summary>Lengths around the chunks' borders, and parts without a byte.</summary>
    private static readonly Gen<int[]> PartLengths = Gen.OneOf(Gen.Int[0, 3], Gen.Int[16380, 16390], Gen.Int[32760, 32776], Gen.Int[0, 70_000]).Array[1, 6];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_range_is_that_of_the_parts_bytes_one_behind_the_other_and_each_part_that_it_touches_is_read_once(bool twoLayers) =>
        await Gen.Select(PartLengths, Gen.Double[0, 1], Gen.Double[0, 1], Gen.Bool).SampleAsync(async (lengths, a, b, whole) =>
        {
            using var upload = await UploadAsync(lengths, twoLayers);
            var length = upload.Plaintext.Length;
            var offset = whole || length == 0 ? 0 : (int)(a * (length - 1));
            var count = whole || length == 0 ? length : 1 + (int)(b * (length - offset - 1));

            Assert.Equal(upload.Plaintext.AsSpan(offset, count).ToArray(), await upload.ReadAsync(offset, count));

            var starts = lengths.Select((_, i) => lengths[..i].Sum()).ToArray();
            var touched = Enumerable.Range(0, lengths.Length).Where(i => Math.Max(starts[i], offset) < Math.Min(starts[i] + lengths[i], offset + count));
            Assert.Equal(length == 0 ? [upload.Manifest.BlobOf(upload.Manifest.Parts[0])] : touched.Select(i => upload.Manifest.BlobOf(upload.Manifest.Parts[i])),
                upload.Store.OpenedData);
        }, iter: 200);

    [Fact]
    public async Task The_next_part_is_opened_before_the_last_bytes_of_this_one_are_asked_for_but_not_long_before()
    {
        using var upload = await UploadAsync([6 << 20, 100_000], twoLayers: false);
        await using var stream = (await upload.OpenAsync(0, upload.Plaintext.Length))!;
        await stream.ReadExactlyAsync(new byte[1 << 20]);
        Assert.Single(upload.Store.OpenedData);
        await stream.ReadExactlyAsync(new byte[(5 << 20) - 1]);
        Assert.Equal(2, upload.Store.OpenedData.Count);
    }

    [Fact]
    public async Task A_part_in_anothers_place_or_of_another_upload_is_refused()
    {
        using var upload = await UploadAsync([20_000, 20_000], twoLayers: false);
        var (first, second) = (upload.Manifest.Parts[0], upload.Manifest.Parts[1]);
        foreach (var parts in (ManifestPart[][])
            [[first with { Number = 2 }, second], [first with { Token = second.Token, Number = 2 }, second], [first, second with { Streams = first.Streams }], [second with { Token = first.Token }, first]])
            await Assert.ThrowsAsync<CorruptDataException>(() => (upload with { Manifest = upload.Manifest with { Parts = parts } }).ReadAsync(0, 40_000));

        var other = upload.Stored with { Description = upload.Stored.Description with { Id = [.. Id.Reverse()] } };
        await Assert.ThrowsAsync<CorruptDataException>(() => (upload with { Stored = other }).ReadAsync(0, 40_000));
    }

    [Fact]
    public async Task A_manifest_that_does_not_fit_the_objects_description_is_refused()
    {
        using var upload = await UploadAsync([20_000, 20_000], twoLayers: false);
        var description = upload.Stored.Description;
        foreach (var claimed in (ObjectDescription[])[description with { Length = 39_999 }, description with { PartsCount = 3 }, description with { DataBlob = "elsewhere" }])
            await Assert.ThrowsAsync<CorruptDataException>(() => (upload with { Stored = upload.Stored with { Description = claimed } }).ReadAsync(0, 10));
    }

    [Fact]
    public async Task Parts_whose_data_are_gone_are_told_before_the_first_byte_and_cut_the_stream_behind_it()
    {
        using var upload = await UploadAsync([20_000, 20_000], twoLayers: false);
        await ((IDataStore)upload.Store).DeleteAsync(upload.Manifest.BlobOf(upload.Manifest.Parts[1]), default);
        Assert.Equal(upload.Plaintext[..20_000], await upload.ReadAsync(0, 20_000));
        await Assert.ThrowsAsync<CorruptDataException>(() => upload.ReadAsync(0, 20_001));
        Assert.Null(await upload.OpenAsync(20_000, 1));
    }

    [Fact]
    public void A_manifest_of_10_000_parts_is_within_its_limit_whatever_its_mode_and_checksums()
    {
        using var key = SecretKey.Generate();
        var part = new ManifestPart(10_000, 5L << 30, Token: new string('f', 16), Streams: new(new byte[56], new byte[56]), Checksum: Convert.ToBase64String(new byte[32]));
        using var content = ManifestContent.Write(new($"{new string('c', 63)}/{new string('f', 44)}", [.. Enumerable.Repeat(part, 10_000)]), key);
        Assert.InRange(content.Length, 1, ManifestContent.MaxSize);
        Assert.Equal(10_000, ManifestContent.Read(content.Segments().SelectMany(segment => segment.ToArray()).ToArray(), key).Parts.Count);
    }

    private static async Task<Upload> UploadAsync(int[] lengths, bool twoLayers)
    {
        var store = new MemoryStore();
        var keys = new OpenKeys(SecretKey.Generate(), twoLayers ? SecretKey.Generate() : null);
        var parts = new List<ManifestPart>();
        var plaintext = new byte[lengths.Sum()];
        new Random(lengths.Length).NextBytes(plaintext);
        var offset = 0;
        foreach (var length in lengths)
        {
            var number = 1 + 2 * parts.Count;
            using var content = new SegmentedBuffer(length);
            using var sealer = new StreamSealer(keys, Id, number, content);
            sealer.Write(plaintext.AsSpan(offset, length));
            sealer.Complete();
            parts.Add(new(number, length, Token: $"t{number}", Streams: sealer.Headers));
            await store.WriteAsync(Manifest.BlobOf(Folder, number, $"t{number}"), content, new("bucket", "key"), default);
            offset += length;
        }
        var description = ObjectStoreContract.Describe() with { Id = Id, Length = plaintext.Length, DataBlob = Folder, PartsCount = parts.Count };
        return new(store, new(Folder, parts), new(description, ObjectStoreContract.Keys, null, "1"), keys, plaintext);
    }

    private sealed record Upload(MemoryStore Store, Manifest Manifest, StoredObject Stored, OpenKeys Keys, byte[] Plaintext) : IDisposable
    {
        public ValueTask<Stream?> OpenAsync(long offset, long count) =>
            PartsStream.OpenAsync(Store, Manifest, Stored, Keys, new(offset, count, Stored.Description.Length, Keys.Outer is not null), default);

        public async Task<byte[]> ReadAsync(long offset, long count)
        {
            await using var stream = await OpenAsync(offset, count) ?? throw new CorruptDataException();
            using var copy = new MemoryStream();
            var buffer = new byte[50_000];
            while (await stream.ReadAsync(buffer) is > 0 and var read) copy.Write(buffer, 0, read);
            return copy.ToArray();
        }

        public void Dispose() => Keys.Dispose();
    }
}
