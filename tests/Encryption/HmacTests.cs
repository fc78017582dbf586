using System.Security.Cryptography;
using System.Text;

namespace Serverless.Encryption.Tests;

public class HmacTests
{
    /// <summary>RFC 4231's test cases but the fifth, whose outputs are truncated.</summary>
    private static readonly Dictionary<int, (byte[] Key, byte[] Message)> Cases = new()
    {
        [1] = (Repeat(0x0b, 20), "Hi There"u8.ToArray()),
        [2] = ("Jefe"u8.ToArray(), "what do ya want for nothing?"u8.ToArray()),
        [3] = (Repeat(0xaa, 20), Repeat(0xdd, 50)),
        [4] = ([.. Enumerable.Range(1, 25).Select(i => (byte)i)], Repeat(0xcd, 50)),
        [6] = (Repeat(0xaa, 131), "Test Using Larger Than Block-Size Key - Hash Key First"u8.ToArray()),
        [7] = (Repeat(0xaa, 131), Encoding.ASCII.GetBytes(
            "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.")),
    };

    [Theory]
    [InlineData(HmacAlgorithm.Sha224, 1, "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22")]
    [InlineData(HmacAlgorithm.Sha224, 2, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44")]
    [InlineData(HmacAlgorithm.Sha224, 3, "7fb3cb3588c6c1f6ffa9694d7d6ad2649365b0c1f65d69d1ec8333ea")]
    [InlineData(HmacAlgorithm.Sha224, 4, "6c11506874013cac6a2abc1bb382627cec6a90d86efc012de7afec5a")]
    [InlineData(HmacAlgorithm.Sha224, 6, "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e")]
    [InlineData(HmacAlgorithm.Sha224, 7, "3a854166ac5d9f023f54d517d0b39dbd946770db9c2b95c9f6f565d1")]
    [InlineData(HmacAlgorithm.Sha256, 1, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData(HmacAlgorithm.Sha256, 6, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")]
    [InlineData(HmacAlgorithm.Sha384, 2, "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649")]
    [InlineData(HmacAlgorithm.Sha512, 4,
        "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd")]
    public void A_MAC_is_the_one_of_RFC_4231(HmacAlgorithm algorithm, int testCase, string mac)
    {
        (byte[] key, byte[] message) = Cases[testCase];
        Assert.Equal(mac, Convert.ToHexStringLower(Hmac.Compute(algorithm, key, message)));
        Assert.True(Hmac.Verify(algorithm, key, message, Convert.FromHexString(mac)));
        Assert.Equal(mac.Length / 2, Hmac.SizeOf(algorithm));
    }

    [Theory]
    [InlineData(HmacAlgorithm.Sha224)]
    [InlineData(HmacAlgorithm.Sha256)]
    [InlineData(HmacAlgorithm.Sha384)]
    [InlineData(HmacAlgorithm.Sha512)]
    public void Anything_else_is_not_the_messages_MAC(HmacAlgorithm algorithm)
    {
        byte[] key = RandomNumberGenerator.GetBytes(Hmac.SizeOf(algorithm));
        byte[] message = RandomNumberGenerator.GetBytes(100);
        byte[] mac = Hmac.Compute(algorithm, key, message);
        byte[] otherKey = [.. key], otherMessage = [.. message], otherMac = [.. mac];
        otherKey[^1] ^= 1;
        otherMessage[^1] ^= 1;
        otherMac[^1] ^= 1;
        Assert.False(Hmac.Verify(algorithm, otherKey, message, mac));
        Assert.False(Hmac.Verify(algorithm, key, otherMessage, mac));
        Assert.False(Hmac.Verify(algorithm, key, message, otherMac));
        Assert.False(Hmac.Verify(algorithm, key, message, mac.AsSpan()[..^1]));
        Assert.False(Hmac.Verify(algorithm, key, message, []));
        foreach (HmacAlgorithm other in Enum.GetValues<HmacAlgorithm>())
        {
            Assert.Equal(other == algorithm, Hmac.Verify(other, key, message, mac));
        }
    }

    [Fact]
    public void There_is_no_MAC_without_a_key() => Assert.Throws<ArgumentException>(() => Hmac.Compute(HmacAlgorithm.Sha224, [], [1]));

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];
}
