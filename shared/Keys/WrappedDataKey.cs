using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>A new data key: to encrypt with now, and wrapped to keep.</summary>
/// <param name="KeyArn">The ARN of the KMS key that wraps it, whatever name the caller used.</param>
/// <param name="Plaintext">The data key; zeroed on <see cref="Dispose"/>.</param>
/// <param name="Wrapped">The data key under the KMS key's current version.</param>
public sealed record WrappedDataKey(string KeyArn, SecretKey Plaintext, byte[] Wrapped) : IDisposable
{
    public void Dispose() => Plaintext.Dispose();
}
