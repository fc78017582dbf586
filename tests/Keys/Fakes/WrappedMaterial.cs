using System.Security.Cryptography;

namespace Serverless.Keys.Tests;

/// <summary>Key material as its owner wraps it for import (https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html).</summary>
internal static class WrappedMaterial
{
    /// <param name="publicKey">The public key that GetParametersForImport gave.</param>
    /// <param name="algorithm">The wrapping algorithm, as the API names it.</param>
    /// <param name="material">What is to be imported.</param>
    public static byte[] Of(byte[] publicKey, string algorithm, byte[] material)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(publicKey, out _);
        RSAEncryptionPadding padding = algorithm.EndsWith("SHA_1", StringComparison.Ordinal) ? RSAEncryptionPadding.OaepSHA1 : RSAEncryptionPadding.OaepSHA256;
        if (algorithm.StartsWith("RSAES_OAEP", StringComparison.Ordinal))
        {
            return rsa.Encrypt(material, padding);
        }

        using var aes = Aes.Create();
        aes.KeySize = 256;
        aes.GenerateKey();
        return [.. rsa.Encrypt(aes.Key, padding), .. aes.EncryptKeyWrapPadded(material)];
    }
}
