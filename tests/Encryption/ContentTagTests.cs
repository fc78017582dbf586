using System.Security.Cryptography;

namespace Serverless.Encryption.Tests;

public class ContentTagTests
{
    private static readonly byte[] DataKey = Message.InputKey;
    private static readonly byte[] Content = "a manifest"u8.ToArray();

    [Fact]
    public void The_tag_is_HMAC_SHA_256_under_a_key_derived_as_SP_800_108_says()
    {
        // Counter mode, one block: HMAC(data key, [1] || label || 0x00 || context || [256 bits]).
        byte[] block = [0, 0, 0, 1, .. "serverless-sse content tag v1 HMAC-SHA-256"u8, 0, 0, 0, 1, 0];
        byte[] tagKey = HMACSHA256.HashData(DataKey, block);
        Assert.Equal(HMACSHA256.HashData(tagKey, Content), Tag(DataKey, Content));
    }

    [Fact]
    public void A_tag_verifies_its_content_under_its_key_only()
    {
        byte[] tag = Tag(DataKey, Content);
        Assert.True(ContentTag.Verify(DataKey, Content, tag));
        Assert.False(ContentTag.Verify(new byte[32], Content, tag));
        Assert.False(ContentTag.Verify(DataKey, [.. Content, 0], tag));
        Assert.False(ContentTag.Verify(DataKey, [], tag));
    }

    [Fact]
    public void A_tag_with_any_bit_flipped_does_not_verify()
    {
        for (int bit = 0; bit < ContentTag.Size * 8; bit++)
        {
            byte[] tag = Tag(DataKey, Content);
            tag[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(ContentTag.Verify(DataKey, Content, tag));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(31)]
    public void A_truncated_tag_does_not_verify(int size) => Assert.False(ContentTag.Verify(DataKey, Content, Tag(DataKey, Content).AsSpan(0, size)));

    [Fact]
    public void Wrong_sizes_are_misuse()
    {
        Assert.Throws<ArgumentException>(() => Tag(new byte[31], Content));
        Assert.Throws<ArgumentException>(() => ContentTag.Compute(DataKey, Content, new byte[31]));
        Assert.Throws<ArgumentException>(() => ContentTag.Verify([], Content, new byte[32]));
    }

    private static byte[] Tag(byte[] dataKey, byte[] content)
    {
        byte[] tag = new byte[ContentTag.Size];
        ContentTag.Compute(dataKey, content, tag);
        return tag;
    }
}
