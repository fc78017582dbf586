using System.Buffers;
using CsCheck;
using Serverless.Encryption;
using Serverless.Objects.Bodies;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

public class StreamTests
{
    private static readonly byte[] Id = new byte[StreamContext.IdSize];

    /// <summary>Lengths around the chunks' borders, where ranges and ends go wrong.</summary>
    private static readonly Gen<int> Lengths = Gen.OneOf(
        Gen.Int[0, 3], Gen.Int[16380, 16390], Gen.Int[32760, 32776], Gen.Int[0, 200_000]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_range_is_read_exactly_from_the_stored_bytes_that_it_names(bool twoLayers) =>
        await Gen.Select(Lengths, Gen.Double[0, 1], Gen.Double[0, 1], Gen.Bool).SampleAsync(async (length, a, b, whole) =>
        {
            using var keys = Keys(twoLayers);
            var plaintext = Bytes(length);
            var (stored, headers) = Seal(keys, plaintext);
            Assert.Equal(StreamSealer.SealedLength(length, twoLayers), stored.Length);
            var offset = whole || length == 0 ? 0 : (int)(a * (length - 1));
            var count = whole || length == 0 ? length : 1 + (int)(b * (length - offset - 1));

            var opener = new StreamOpener(offset, count, length, twoLayers);
            var range = opener.Stored;
            Assert.True(range.Offset + range.Count <= stored.Length);
            var part = new MemoryStream(stored, (int)range.Offset, (int)range.Count);
            Assert.Equal(plaintext.AsSpan(offset, count).ToArray(), await ReadAsync(opener, keys, headers, part, range.Offset));
            Assert.Equal(plaintext.AsSpan(offset, count).ToArray(), await ReadAsync(opener, keys, headers, new MemoryStream(stored), 0));
        }, iter: 300);

    [Theory]
    [InlineData(32768, 16384)]
    [InlineData(40_000, 32768)]
    [InlineData(16384, 0)]
    public async Task A_stream_cut_at_a_chunks_border_is_refused_before_its_last_byte_is_given_out_even_if_the_length_is_changed_too(int length, int cut)
    {
        using var keys = Keys(false);
        var (stored, headers) = Seal(keys, Bytes(length));
        var truncated = stored[..(int)ChunkedEncryption.ChunkOffset(cut / ChunkedEncryption.ChunkSize)];
        foreach (var claimed in (long[])[length, cut])
        {
            var opener = new StreamOpener(0, claimed, claimed, false);
            var given = 0;
            await Assert.ThrowsAsync<CorruptDataException>(async () =>
            {
                await using var stream = opener.Open(keys, headers, Id, 0, new MemoryStream(truncated), 0);
                var buffer = new byte[65536];
                int read;
                do given += read = await stream.ReadAsync(buffer); while (read > 0);
            });
            Assert.True(given < claimed || claimed == 0);
        }
    }

    [Fact]
    public async Task A_shorter_claimed_length_is_refused()
    {
        using var keys = Keys(false);
        var (stored, headers) = Seal(keys, Bytes(40_000));
        await Assert.ThrowsAsync<CorruptDataException>(() => ReadAsync(new(0, 32768, 32768, false), keys, headers, new MemoryStream(stored), 0));
        await Assert.ThrowsAsync<CorruptDataException>(() => ReadAsync(new(0, 39_999, 39_999, false), keys, headers, new MemoryStream(stored), 0));
    }

    [Fact]
    public async Task Another_objects_id_or_another_part_does_not_open_it()
    {
        using var keys = Keys(false);
        var (stored, headers) = Seal(keys, Bytes(100));
        var opener = new StreamOpener(0, 100, 100, false);
        Assert.Throws<CorruptDataException>(() => opener.Open(keys, headers, [1, .. Id[1..]], 0, new MemoryStream(stored), 0));
        Assert.Throws<CorruptDataException>(() => opener.Open(keys, headers, Id, 1, new MemoryStream(stored), 0));
        Assert.Equal(Bytes(100), await ReadAsync(opener, keys, headers, new MemoryStream(stored), 0));
    }

    [Fact]
    public void A_manifest_that_was_changed_or_is_another_objects_is_refused()
    {
        using var key = SecretKey.Generate();
        using var other = SecretKey.Generate();
        using var content = ManifestContent.Write(new("blob", [new(0, 9_000_000, "etag")]), key);
        var bytes = content.Segments().SelectMany(segment => segment.ToArray()).ToArray();
        Assert.Equal("blob", ManifestContent.Read(bytes, key).DataBlob);
        Assert.Throws<CorruptDataException>(() => ManifestContent.Read(bytes, other));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.Throws<CorruptDataException>(() => ManifestContent.Read(bytes, key));
            bytes[i] ^= 1;
        }
    }

    [Fact]
    public void Sealed_bytes_can_be_read_more_than_once_and_in_any_pieces() =>
        Gen.Select(Gen.Int[0, 3_000_000], Gen.Int[1, 100_000]).Sample((length, piece) =>
        {
            var bytes = Bytes(length);
            using var buffer = new SegmentedBuffer(length);
            for (var i = 0; i < length; i += piece) buffer.Write(bytes.AsSpan(i, Math.Min(piece, length - i)));
            Assert.Equal(length, buffer.Length);
            for (var round = 0; round < 2; round++)
            {
                using var copy = new MemoryStream();
                buffer.OpenRead().CopyTo(copy, piece);
                Assert.Equal(bytes, copy.ToArray());
            }
        }, iter: 50);

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static OpenKeys Keys(bool twoLayers) => new(SecretKey.Generate(), twoLayers ? SecretKey.Generate() : null);

    private static (byte[] Stored, StreamHeaders Headers) Seal(OpenKeys keys, byte[] plaintext)
    {
        using var output = new SegmentedBuffer(plaintext.Length);
        using var sealer = new StreamSealer(keys, Id, 0, output);
        sealer.Write(plaintext);
        sealer.Complete();
        return (output.Segments().SelectMany(segment => segment.ToArray()).ToArray(), sealer.Headers);
    }

    private static async Task<byte[]> ReadAsync(StreamOpener opener, OpenKeys keys, StreamHeaders headers, Stream stored, long position)
    {
        await using var stream = opener.Open(keys, headers, Id, 0, stored, position);
        using var copy = new MemoryStream();
        var buffer = new byte[50_000];
        while (await stream.ReadAsync(buffer) is > 0 and var read) copy.Write(buffer, 0, read);
        return copy.ToArray();
    }
}
