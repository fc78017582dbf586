namespace Serverless.Access;

/// <summary>An access key that may sign requests: who it speaks for, and its secret, which never leaves this object. For one request, which disposes it.</summary>
public sealed class Credential : IDisposable
{
    private readonly AccessKeySecret secret;
    private int disposed;
    private bool isKept;

    /// <param name="principal">Who signs with the key; <see cref="Principal.AccessKeyId"/> is the key's id.</param>
    /// <param name="secretAccessKey">The secret access key.</param>
    public Credential(Principal principal, string secretAccessKey)
        : this(principal, new AccessKeySecret(secretAccessKey))
    {
    }

    /// <param name="principal">Who signs with the key.</param>
    /// <param name="secret">The secret, held for this credential.</param>
    internal Credential(Principal principal, AccessKeySecret secret) => (Principal, this.secret) = (principal, secret);

    public Principal Principal { get; }

    /// <summary>The principal's own policies; none for the account's root.</summary>
    public IReadOnlyList<Policy> Policies { get; init; } = [];

    /// <summary>Told the service and Region of each request that the key has signed; it neither waits nor throws.</summary>
    internal Action<string, string>? OnUse { get; init; }

    /// <summary>Gives the secret back; the credential verifies nothing afterwards.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            secret.Dispose();
        }
    }

    internal void DeriveKey(CredentialScope scope, Span<byte> key)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        isKept = secret.DeriveKey(scope, key);
    }

    /// <summary>The derived key's signature has matched.</summary>
    internal void Verified(CredentialScope scope, ReadOnlySpan<byte> key)
    {
        if (!isKept)
        {
            secret.Keep(scope, key);
        }
        OnUse?.Invoke(scope.Service, scope.Region);
    }
}
