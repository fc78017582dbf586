namespace Serverless.Access;

/// <summary>An active access key, as the store had it a short while ago.</summary>
internal sealed class KnownKey
{
    private readonly AccessKeyOwner owner;
    private readonly AccessKeyUses uses;
    private int noted;

    public KnownKey(AccessKeyOwner owner, User user, AccessKey key, IReadOnlyList<Policy> policies, AccessKeyUses uses)
    {
        (this.owner, this.uses) = (owner, uses);
        (Principal, Policies, OnUse) = (user.SigningWith(key.Id), policies, NoteUse);
        Secret = new(key.Id, user.Id, key.WrappedSecret);
    }

    public Principal Principal { get; }

    public IReadOnlyList<Policy> Policies { get; }

    public WrappedSecret Secret { get; }

    public Action<string, string> OnUse { get; }

    private void NoteUse(string service, string region)
    {
        if (uses.IsDue(owner) && Interlocked.Exchange(ref noted, 1) == 0)
        {
            uses.Note(owner, service, region);
        }
    }
}

/// <summary>The secret of an access key as it is stored, compared by what it is.</summary>
internal sealed record WrappedSecret(string AccessKeyId, string UserId, byte[] Wrapped)
{
    public bool Equals(WrappedSecret? other) =>
        other is not null && (AccessKeyId, UserId) == (other.AccessKeyId, other.UserId) && Wrapped.AsSpan().SequenceEqual(other.Wrapped);

    public override int GetHashCode() => AccessKeyId.GetHashCode(StringComparison.Ordinal);
}
