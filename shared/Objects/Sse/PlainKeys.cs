using Serverless.Encryption;
using Serverless.Objects.Store;

namespace Serverless.Objects.Sse;

/// <summary>A new object's data keys in both forms: plain, to seal the data with, and wrapped, to be stored.</summary>
/// <param name="KmsKeyArn">The KMS key's ARN in the KMS modes.</param>
public sealed record SealingKeys(SecretKey Inner, SecretKey? Outer, ObjectKeys Wrapped, string? KmsKeyArn) : IDisposable
{
    /// <summary>The plain keys, as they are had again when they are unwrapped; they are disposed with these.</summary>
    public OpenKeys Plain { get; } = new(Inner, Outer);

    /// <summary>
    /// Ends when the use of the keys is on the audit trail, which may be after they are given out, while the body comes: nothing is written where it can be seen before this has ended, and well.
    /// </summary>
    public Task Recorded { get; init; } = Task.CompletedTask;

    public void Dispose()
    {
        Inner.Dispose();
        Outer?.Dispose();
    }
}

/// <summary>An object's data keys, unwrapped.</summary>
/// <param name="Manifest">What the object's manifest is authenticated with where that is not the data key.</param>
public sealed record OpenKeys(SecretKey Inner, SecretKey? Outer, SecretKey? Manifest = null) : IDisposable
{
    /// <summary>Keys of their own with the same bytes.</summary>
    public OpenKeys Copy() => new(Copy(Inner), Outer is null ? null : Copy(Outer), Manifest is null ? null : Copy(Manifest));

    public void Dispose()
    {
        Inner.Dispose();
        Outer?.Dispose();
        Manifest?.Dispose();
    }

    private static SecretKey Copy(SecretKey key) => SecretKey.Copy(key.Bytes);
}
