using Microsoft.Extensions.Logging;
using Serverless.Encryption;

namespace Serverless.Access;

/// <summary>
/// The users' access keys. What the store says of one (whose it is, whether it is active, what its user may do) is believed for 5 s, so that a key that is switched off, or
/// a policy that is changed, takes effect within that time on every instance, and at once on the one that <see cref="Forget">changed it</see>. A secret
/// never changes; it is kept unwrapped for as long as key versions are.
/// </summary>
public sealed class UserCredentials : ICredentials
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    /// <summary>Lets a root key that its provider has revoked take effect.</summary>
    private static readonly TimeSpan SecretLifetime = TimeSpan.FromHours(1);

    /// <summary>Keys that are remembered, with those that do not exist: strangers who try ids must not cost the store a read each time they repeat one.</summary>
    private const int MaxKeys = 1024;

    private readonly IIdentityStore store;
    private readonly ISecretWrapping wrapping;
    private readonly AccessKeyUses uses;
    private readonly ILogger<UserCredentials> logger;
    private readonly RecentCache<string, Lookup> keys;
    private readonly RecentCache<WrappedSecret, AccessKeySecret> secrets;

    public UserCredentials(IIdentityStore store, ISecretWrapping wrapping, AccessKeyUses uses, TimeProvider time, ILogger<UserCredentials> logger)
    {
        (this.store, this.wrapping, this.uses, this.logger) = (store, wrapping, uses, logger);
        keys = new("access_keys", ReadAsync, time, Lifetime, MaxKeys);
        secrets = new("access_key_secrets", UnwrapAsync, time, SecretLifetime, MaxKeys);
    }

    public async ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken)
    {
        if (!UniqueId.IsAccessKeyId(accessKeyId) || await keys.GetAsync(accessKeyId, cancellationToken) is not { Key: { } known })
        {
            return null;
        }
        // Null where the secret does not open.
        return await secrets.HoldAsync(known.Secret, cancellationToken) is { } secret
            ? new Credential(known.Principal, secret) { Policies = known.Policies, OnUse = known.OnUse }
            : null;
    }

    /// <summary>Makes the next request ask the store, and wipes the secrets: for who changes a user.</summary>
    internal void Forget(User user)
    {
        foreach (var key in user.AccessKeys)
        {
            keys.Forget(key.Id);
            secrets.Forget(new WrappedSecret(key.Id, user.Id, key.WrappedSecret));
        }
    }

    private async Task<Lookup?> ReadAsync(string accessKeyId)
    {
        string? tried = null;
        while (await store.FindOwnerAsync(accessKeyId, CancellationToken.None) is { } owner && owner.UserName != tried)
        {
            var user = await store.FindUserAsync(owner.UserName, CancellationToken.None);
            if (user?.AccessKeys.FirstOrDefault(key => key.Id == accessKeyId) is { } key)
            {
                return new(key.IsActive ? new KnownKey(owner, user, key, ParsePolicies(user), uses) : null);
            }
            // Renamed between the two reads, the user is under another name now.
            tried = owner.UserName;
        }
        return new(Key: null);
    }

    /// <summary>A policy that cannot be read any more may have denied anything, so its user is denied everything.</summary>
    private IReadOnlyList<Policy> ParsePolicies(User user)
    {
        try
        {
            return [.. user.Policies.Select(policy => Policy.ForIdentity(policy.Document))];
        }
        catch (PolicyException unreadable)
        {
            logger.LogError(unreadable, "A policy of {User} cannot be read; the user is denied everything.", user.Arn);
            return [Policy.ForIdentity("""{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}""")];
        }
    }

    private async Task<AccessKeySecret?> UnwrapAsync(WrappedSecret wrapped)
    {
        using var secret = await wrapping.UnwrapAsync(wrapped.Wrapped, wrapped.AccessKeyId, wrapped.UserId, CancellationToken.None);
        if (secret is null)
        {
            logger.LogError("The secret of access key {AccessKeyId} does not open: it is not the one that was made for it, and the key is refused.", wrapped.AccessKeyId);
        }
        return secret is null ? null : new AccessKeySecret(secret);
    }

    /// <summary>What the store said of an id: also that there is no such key, or none that is active.</summary>
    private sealed record Lookup(KnownKey? Key);
}
