using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Encryption.Tests;

/// <summary>
/// Cobblestone-256 written from https://c2sp.org/chunked-encryption alone, with nothing of the code under test: whole messages, plain loops, no regard for speed.
/// </summary>
internal static class Cobblestone256
{
    public static byte[] Encrypt(byte[] inputKey, byte[] context, byte[] salt, byte[] message)
    {
        (byte[] key, byte[] baseNonce, byte[] commitment) = Derive(inputKey, context, salt);
        using var aead = new AesGcm(key, 16);
        var output = new List<byte>([.. salt, .. commitment]);
        for (int number = 0; ; number++)
        {
            byte[] chunk = message.Skip(number * 16384).Take(16384).ToArray();
            byte[] ciphertext = new byte[chunk.Length];
            byte[] tag = new byte[16];
            aead.Encrypt(Nonce(baseNonce, number), chunk, ciphertext, tag);
            output.AddRange([.. ciphertext, .. tag]);
            if (chunk.Length < 16384)
            {
                return [.. output];
            }
        }
    }

    public static byte[] Decrypt(byte[] inputKey, byte[] context, byte[] sealedMessage)
    {
        (byte[] key, byte[] baseNonce, byte[] commitment) = Derive(inputKey, context, sealedMessage[..24]);
        Assert.Equal(commitment, sealedMessage[24..56]);
        using var aead = new AesGcm(key, 16);
        var message = new List<byte>();
        for (int number = 0; ; number++)
        {
            byte[] chunk = sealedMessage.Skip(56 + number * 16400).Take(16400).ToArray();
            byte[] plaintext = new byte[chunk.Length - 16];
            aead.Decrypt(Nonce(baseNonce, number), chunk[..^16], chunk[^16..], plaintext);
            message.AddRange(plaintext);
            if (plaintext.Length < 16384)
            {
                return [.. message];
            }
        }
    }

    private static (byte[] Key, byte[] BaseNonce, byte[] Commitment) Derive(byte[] inputKey, byte[] context, byte[] salt)
    {
        byte[] info = [.. Encoding.ASCII.GetBytes("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"), 0, .. salt, .. context];
        using var hmac = new HMACSHA512(inputKey);
        byte[] first = hmac.ComputeHash([.. info, 1]);
        byte[] second = hmac.ComputeHash([.. first, .. info, 2]);
        byte[] derived = [.. first, .. second];
        return (derived[..32], derived[32..44], derived[44..76]);
    }

    private static byte[] Nonce(byte[] baseNonce, int number)
    {
        byte[] nonce = [.. baseNonce];
        byte[] counter = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(counter, number);
        for (int i = 0; i < 4; i++)
        {
            nonce[8 + i] ^= counter[i];
        }

        return nonce;
    }
}
