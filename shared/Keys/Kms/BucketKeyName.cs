using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>Which requests share a bucket key: those of one principal, in one encryption context, which holds the bucket, under one version of a KMS key.</summary>
/// <param name="Wrapped">The bucket key to be opened; null for one to be made.</param>
/// <param name="Use">The request that opens or makes it for all of them; no part of the name.</param>
internal sealed record BucketKeyName(string KeyArn, uint KeyVersion, ReadOnlyMemory<byte>? Wrapped, EncryptionContext Context, KeyUse Use)
{
    private string PrincipalArn => Use.Caller.Principal.Arn;

    public bool Equals(BucketKeyName? other) =>
        other is not null && KeyArn == other.KeyArn && KeyVersion == other.KeyVersion && PrincipalArn == other.PrincipalArn && Context.Equals(other.Context)
        && Wrapped.HasValue == other.Wrapped.HasValue && Wrapped.GetValueOrDefault().Span.SequenceEqual(other.Wrapped.GetValueOrDefault().Span);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(KeyArn);
        hash.Add(KeyVersion);
        hash.Add(PrincipalArn);
        hash.Add(Context);
        hash.AddBytes(Wrapped.GetValueOrDefault().Span);
        return hash.ToHashCode();
    }
}
