using System.Security.Cryptography;
using System.Text.Json;

namespace Serverless.Encryption.Tests;

/// <summary>Project Wycheproof's vectors, through the code that the formats are built of.</summary>
public class WycheproofTests
{
    [SkippableFact]
    public void Chunks_seal_and_open_as_the_AES_GCM_vectors_without_associated_data_say()
    {
        int run = 0;
        foreach (JsonElement test in AesGcmVectors().Where(test => test.Text("aad").Length == 0))
        {
            byte[] plaintext = test.Bytes("msg");
            byte[] sealedChunk = [.. test.Bytes("ct"), .. test.Bytes("tag")];
            using ChunkCipher cipher = ChunkCipher.ForRawKey(test.Bytes("key"), test.Bytes("iv"));

            byte[] produced = new byte[sealedChunk.Length];
            cipher.Seal(0, plaintext, produced);
            byte[] opened = new byte[plaintext.Length];
            bool authentic = cipher.TryOpenChunk(0, sealedChunk, opened);

            bool valid = test.Text("result") == "valid";
            Assert.True(valid == produced.AsSpan().SequenceEqual(sealedChunk), Name(test));
            Assert.True(valid == authentic, Name(test));
            Assert.Equal(valid ? plaintext : new byte[plaintext.Length], opened);
            run++;
        }

        Assert.True(run > 30, $"Only {run} vectors were found.");
    }

    [SkippableFact]
    public void The_AEAD_of_the_key_wrap_seals_and_opens_as_the_AES_GCM_vectors_say()
    {
        int run = 0;
        foreach (JsonElement test in AesGcmVectors())
        {
            byte[] plaintext = test.Bytes("msg");
            byte[] sealedBytes = [.. test.Bytes("ct"), .. test.Bytes("tag")];
            using AesGcm aead = AesGcmSealing.Create(test.Bytes("key"));

            byte[] produced = new byte[sealedBytes.Length];
            aead.Seal(test.Bytes("iv"), plaintext, produced, test.Bytes("aad"));
            byte[] opened = new byte[plaintext.Length];
            bool authentic = aead.TryOpen(test.Bytes("iv"), sealedBytes, opened, test.Bytes("aad"));

            bool valid = test.Text("result") == "valid";
            Assert.True(valid == produced.AsSpan().SequenceEqual(sealedBytes), Name(test));
            Assert.True(valid == authentic, Name(test));
            Assert.Equal(valid ? plaintext : new byte[plaintext.Length], opened);
            run++;
        }

        Assert.True(run >= 66, $"Only {run} vectors were found.");
    }

    [SkippableFact]
    public void Expand_derives_what_the_HKDF_vectors_say()
    {
        int valid = 0, invalid = 0;
        foreach ((_, JsonElement test) in Vectors.Wycheproof("hkdf_sha512_test.json"))
        {
            byte[] prk = HKDF.Extract(HashAlgorithmName.SHA512, test.Bytes("ikm"), test.Bytes("salt"));
            byte[] output = new byte[test.Number("size")];
            if (test.Text("result") == "valid")
            {
                HkdfSha512.Expand(prk, test.Bytes("info"), output);
                Assert.True(output.AsSpan().SequenceEqual(test.Bytes("okm")), Name(test));
                valid++;
            }
            else
            {
                Assert.Throws<ArgumentException>(() => HkdfSha512.Expand(prk, test.Bytes("info"), output));
                invalid++;
            }
        }

        Assert.True(valid >= 80 && invalid >= 3, $"Only {valid} valid and {invalid} invalid vectors were found.");
    }

    private static IEnumerable<JsonElement> AesGcmVectors() =>
        from vector in Vectors.Wycheproof("aes_gcm_test.json")
        where vector.Group.Number("keySize") == 256 && vector.Group.Number("ivSize") == 96 && vector.Group.Number("tagSize") == 128
        select vector.Test;

    private static string Name(JsonElement test) => $"Vector {test.Number("tcId")}: {test.Text("comment")}";
}
