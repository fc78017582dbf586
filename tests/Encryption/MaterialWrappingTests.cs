using System.Security.Cryptography;
using System.Text.Json;

namespace Serverless.Encryption.Tests;

public class MaterialWrappingTests
{
    // RSA keys take their time to make.
    private static readonly (byte[] PublicKey, byte[] PrivateKey) Pair = MaterialWrapping.Generate(2048);
    private static readonly (byte[] PublicKey, byte[] PrivateKey) OtherPair = MaterialWrapping.Generate(2048);

    public static TheoryData<WrappingAlgorithm> Algorithms() => [.. Enum.GetValues<WrappingAlgorithm>()];

    [Theory]
    [InlineData(2048)]
    [InlineData(3072)]
    [InlineData(4096)]
    public void A_key_pair_is_of_the_size_that_is_asked_for_and_opens_what_is_wrapped_with_it(int bits)
    {
        (byte[] publicKey, byte[] privateKey) = MaterialWrapping.Generate(bits);
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(publicKey, out int read);
        Assert.Equal((bits, publicKey.Length), (rsa.KeySize, read));
        byte[] material = RandomNumberGenerator.GetBytes(32);
        Assert.Equal(material, Open(privateKey, WrappingAlgorithm.RsaesOaepSha256, rsa.Encrypt(material, RSAEncryptionPadding.OaepSHA256)));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void What_is_wrapped_is_opened_by_the_same_algorithm_and_key_only(WrappingAlgorithm algorithm)
    {
        byte[] material = RandomNumberGenerator.GetBytes(64);
        byte[] wrapped = Wrap(algorithm, material);
        Assert.Equal(material, Open(Pair.PrivateKey, algorithm, wrapped));
        Assert.Null(Open(OtherPair.PrivateKey, algorithm, wrapped));
        foreach (WrappingAlgorithm other in Enum.GetValues<WrappingAlgorithm>().Where(other => other != algorithm))
        {
            Assert.Null(Open(Pair.PrivateKey, other, wrapped));
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void What_is_changed_cut_or_lengthened_does_not_open(WrappingAlgorithm algorithm)
    {
        byte[] wrapped = Wrap(algorithm, RandomNumberGenerator.GetBytes(32));
        for (int i = 0; i < wrapped.Length; i += 7)
        {
            byte[] changed = [.. wrapped];
            changed[i] ^= 1;
            Assert.Null(Open(Pair.PrivateKey, algorithm, changed));
        }

        Assert.Null(Open(Pair.PrivateKey, algorithm, wrapped[..^1]));
        Assert.Null(Open(Pair.PrivateKey, algorithm, [.. wrapped, 0]));
        Assert.Null(Open(Pair.PrivateKey, algorithm, wrapped[..256].Length == wrapped.Length ? wrapped[..255] : wrapped[..256]));
        Assert.Null(Open(Pair.PrivateKey, algorithm, [1, 2, 3]));
        Assert.Null(Open(Pair.PrivateKey, algorithm, []));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    public void The_AES_key_may_be_of_any_AES_size(int size)
    {
        byte[] material = RandomNumberGenerator.GetBytes(28);
        Assert.Equal(material, Open(Pair.PrivateKey, WrappingAlgorithm.RsaAesKeyWrapSha256, Wrap(WrappingAlgorithm.RsaAesKeyWrapSha256, material, size)));
    }

    [Fact]
    public void What_is_no_AES_key_opens_nothing()
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(Pair.PublicKey, out _);
        byte[] wrapped = [.. rsa.Encrypt(new byte[33], RSAEncryptionPadding.OaepSHA256), .. new byte[40]];
        Assert.Null(Open(Pair.PrivateKey, WrappingAlgorithm.RsaAesKeyWrapSha256, wrapped));
    }

    [Fact]
    public void A_buffer_that_could_be_too_short_is_misuse() => Assert.Throws<ArgumentException>(
        () => MaterialWrapping.TryOpen(Pair.PrivateKey, WrappingAlgorithm.RsaesOaepSha256, new byte[256], new byte[255], out _));

    [SkippableFact]
    public void AES_key_wrap_opens_as_the_vectors_say()
    {
        (int valid, int invalid) = (0, 0);
        foreach ((_, JsonElement test) in Vectors.Wycheproof("aes_kwp_test.json"))
        {
            byte[] wrapped = test.Bytes("ct");
            byte[] material = new byte[wrapped.Length];
            bool opened = MaterialWrapping.TryUnwrap(test.Bytes("key"), wrapped, material, out int size);
            bool isValid = test.Text("result") == "valid";
            Assert.True(isValid == opened, $"Vector {test.Number("tcId")}: {test.Text("comment")}");
            Assert.Equal(isValid ? test.Bytes("msg") : [], material[..size]);
            _ = isValid ? valid++ : invalid++;
        }

        Assert.True(valid >= 77 && invalid >= 177, $"Only {valid} valid and {invalid} invalid vectors were found.");
    }

    private static byte[] Wrap(WrappingAlgorithm algorithm, byte[] material, int aesKeySize = 32)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(Pair.PublicKey, out _);
        RSAEncryptionPadding padding = algorithm.ToString().EndsWith("Sha1", StringComparison.Ordinal) ? RSAEncryptionPadding.OaepSHA1 : RSAEncryptionPadding.OaepSHA256;
        if (algorithm is WrappingAlgorithm.RsaesOaepSha1 or WrappingAlgorithm.RsaesOaepSha256)
        {
            return rsa.Encrypt(material, padding);
        }

        using var aes = Aes.Create();
        aes.Key = RandomNumberGenerator.GetBytes(aesKeySize);
        return [.. rsa.Encrypt(aes.Key, padding), .. aes.EncryptKeyWrapPadded(material)];
    }

    private static byte[]? Open(byte[] privateKey, WrappingAlgorithm algorithm, byte[] wrapped)
    {
        byte[] material = new byte[wrapped.Length];
        return MaterialWrapping.TryOpen(privateKey, algorithm, wrapped, material, out int size) ? material[..size] : null;
    }
}
