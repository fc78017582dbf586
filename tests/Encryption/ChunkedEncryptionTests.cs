using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Encryption.Tests;

public class ChunkedEncryptionTests
{
    [Theory]
    [InlineData(0, 72)]
    [InlineData(1, 73)]
    [InlineData(1024, 1096)]
    [InlineData(16383, 56 + 16399)]
    [InlineData(16384, 56 + 16400 + 16)]
    [InlineData(16385, 56 + 16400 + 17)]
    [InlineData(20480, 56 + 16400 + 4112)]
    [InlineData(32768, 56 + 2 * 16400 + 16)]
    [InlineData((1L << 52) - 1, 56 + (1L << 52) - 1 + (16L << 38))]
    public void A_sealed_length_and_its_plaintext_length_are_each_others_inverse(long plaintext, long sealedLength)
    {
        Assert.Equal(sealedLength, SealedLength(plaintext));
        Assert.True(TryGetPlaintextLength(sealedLength, out long back));
        Assert.Equal(plaintext, back);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(71)]
    [InlineData(56 + 16400)]
    [InlineData(56 + 16400 + 15)]
    [InlineData(56 + 3 * 16400)]
    [InlineData(56 + (1L << 52) + (16L << 38))]
    [InlineData(56 + (1L << 52) + (16L << 38) + 16)]
    [InlineData(long.MaxValue)]
    public void A_length_that_no_message_has_is_refused(long sealedLength)
    {
        Assert.False(TryGetPlaintextLength(sealedLength, out long plaintext));
        Assert.Equal(0, plaintext);
    }

    [Fact]
    public void Every_length_up_to_three_chunks_is_either_refused_or_comes_back()
    {
        for (int length = 0; length < HeaderSize + 3 * SealedChunkSize; length++)
        {
            if (TryGetPlaintextLength(length, out long plaintext))
            {
                Assert.Equal(length, SealedLength(plaintext));
            }
            else
            {
                Assert.True(length < HeaderSize || (length - HeaderSize) % SealedChunkSize < TagSize);
            }
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1L << 52)]
    public void A_plaintext_of_impossible_length_is_misuse(long plaintext) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedLength(plaintext));

    [Fact]
    public void Chunks_follow_the_header_without_gaps()
    {
        Assert.Equal(56, ChunkOffset(0));
        Assert.Equal(56 + 16400, ChunkOffset(1));
        Assert.Equal(56 + 16400 * ((1L << 38) - 1), ChunkOffset((1L << 38) - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkOffset(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkOffset(1L << 38));
    }
}
