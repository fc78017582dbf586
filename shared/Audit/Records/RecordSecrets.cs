using System.Collections.Frozen;

namespace Serverless.Audit;

/// <summary>
/// The names of parameters whose values never reach a record. Whoever makes an event leaves secrets out; this is the second lock on that door.
/// </summary>
internal static class RecordSecrets
{
    /// <summary>What CloudTrail itself writes in a secret's place.</summary>
    public const string Hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

    private static readonly FrozenSet<string> Names = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        // KMS: what goes into and comes out of a key.
        "Plaintext", "CiphertextBlob", "PrivateKeyPlaintext", "PrivateKeyCiphertextBlob", "CiphertextForRecipient", "EncryptedKeyMaterial", "ImportToken",
        // SSE-C, as headers and as the SDKs' parameters; the hash of a key is as good as a key to whoever guesses.
        "x-amz-server-side-encryption-customer-key", "x-amz-server-side-encryption-customer-key-MD5", "SSECustomerKey", "SSECustomerKeyMD5",
        "x-amz-copy-source-server-side-encryption-customer-key", "x-amz-copy-source-server-side-encryption-customer-key-MD5",
        "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5",
        // Credentials and signatures.
        "Authorization", "X-Amz-Signature", "X-Amz-Security-Token", "SecretAccessKey", "SecretKey", "SessionToken", "Password");

    public static bool Contains(string name) => Names.Contains(name);
}
