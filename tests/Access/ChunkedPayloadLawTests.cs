using System.Text;
using System.Text.RegularExpressions;
using CsCheck;

namespace Serverless.Access.Tests;

/// <summary>What holds of every body in chunks, whatever its bytes and however the network cuts it.</summary>
public sealed partial class ChunkedPayloadLawTests
{
    private static readonly Gen<string> Kinds =
        Choice.Of(ChunkedUpload.Signed, ChunkedUpload.SignedTrailer, ChunkedUpload.UnsignedTrailer);

    private static readonly Gen<byte[]> Data = Gen.Byte.Array[0, 30_000];

    [Fact]
    public async Task However_it_is_cut_the_payload_is_the_same() =>
        await Gen.Select(Kinds, Data, Gen.Int[8192, 12_000], Gen.Int[1, 3000].Array[1, 8]).SampleAsync(async (kind, data, chunkSize, pieces) =>
        {
            var request = new ChunkedUpload(kind) { ChunkSize = chunkSize }.ToRequest(data);
            request.Pieces = pieces;
            Assert.Equal(data, await request.ReadAsync());
        }, iter: 100);

    [Theory]
    [InlineData(ChunkedUpload.Signed)]
    [InlineData(ChunkedUpload.SignedTrailer)]
    public async Task Any_single_bit_changed_in_a_signed_body_is_refused(string kind)
    {
        var request = new ChunkedUpload(kind) { ChunkSize = 8192 }.ToRequest([.. Enumerable.Repeat((byte)'a', 8200)]);
        var original = request.Body;
        var lettersInAnyCase = CaseInsensitive().Matches(Encoding.Latin1.GetString(original))
            .SelectMany(match => Enumerable.Range(match.Index, match.Length)).Where(at => char.IsAsciiLetter((char)original[at])).ToHashSet();
        // Every bit of the framing, and some of the data.
        var places = Enumerable.Range(0, original.Length).Where(at => original[at] != 'a' || at % 500 == 0);
        foreach (var (at, bit) in places.SelectMany(at => Enumerable.Range(0, 8).Select(bit => (at, bit))))
        {
            request.Body = [.. original];
            request.Body[at] ^= (byte)(1 << bit);
            if (bit == 5 && lettersInAnyCase.Contains(at))
            {
                await request.ReadAsync();
            }
            else
            {
                await Assert.ThrowsAsync<AccessException>(() => request.ReadAsync());
            }
        }
    }

    [Fact]
    public async Task A_body_cut_off_anywhere_is_refused()
    {
        var request = new ChunkedUpload(ChunkedUpload.SignedTrailer) { ChunkSize = 8192 }.ToRequest(new byte[9000]);
        var original = request.Body;
        for (var length = 0; length < original.Length; length += length is > 100 and < 8000 ? 100 : 1)
        {
            request.Body = original[..length];
            await Assert.ThrowsAsync<AccessException>(() => request.ReadAsync());
        }
    }

    [Fact]
    public async Task Arbitrary_bytes_are_refused_or_read_and_nothing_else_happens()
    {
        var framing = Choice.Of("0", "3", "a", "10", "ffffffffffffffff", "\r\n", "\r", "\n", ";", "chunk-signature=", ":", "x-amz-checksum-crc32:AA",
            "x-amz-trailer-signature:", "abc", new string('0', 64), new string('x', 2000), "\0", "é");
        var bodies = Gen.OneOf(
            Gen.Byte.Array[0, 200],
            framing.Array[0, 30].Select(parts => Encoding.Latin1.GetBytes(string.Concat(parts))));
        await Gen.Select(Kinds, bodies, Gen.Int[0, 40], Gen.Int[1, 20].Array[0, 3]).SampleAsync(async (kind, body, length, pieces) =>
        {
            var request = new ChunkedUpload(kind).ToRequest(new byte[length]);
            request.Body = body;
            request.Pieces = pieces;
            try
            {
                Assert.Equal(length, (await request.ReadAsync()).Length);
            }
            catch (AccessException refused)
            {
                Assert.InRange(refused.Error.Status, 400, 499);
            }
        }, iter: 3000);
    }

    // Letter case does not count in the digits of signatures and the names of trailers.
    [GeneratedRegex("(?<=signature[=:])[0-9a-f]{64}|x-amz-[a-z0-9-]+(?=:)")]
    private static partial Regex CaseInsensitive();
}
