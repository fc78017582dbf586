using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>What a re-wrap under the root key came to.</summary>
/// <param name="Seen">Keys and secrets that are under the root key.</param>
/// <param name="Rewrapped">Those of them that are now under its newest version and were not.</param>
/// <param name="Failed">Those that do not open; the log names them.</param>
public sealed record RootKeyRewrapResult(long Seen, long Rewrapped, long Failed);

/// <summary>
/// Brings all that is under the root key under its newest version: master key versions, KMS keys' versions, the secrets of access keys, the key of audit digests, and the value that the root key is known again by.
/// A run that is cut short is gone on with by the next one, which passes over what is done; concurrent runs and changes do no harm.
/// </summary>
public sealed class RootKeyRewrap
{
    private const int UserPageSize = 100;

    private readonly IMasterKeyStore _masterKeys;
    private readonly IKmsKeyStore _kmsKeys;
    private readonly IIdentityStore _identities;
    private readonly IDigestKeyStore _digestKeys;
    private readonly IRootKey _root;
    private readonly ILogger<RootKeyRewrap> _logger;

    internal RootKeyRewrap(IMasterKeyStore masterKeys, IKmsKeyStore kmsKeys, IIdentityStore identities, IDigestKeyStore digestKeys, IRootKey root, ILogger<RootKeyRewrap> logger)
    {
        _masterKeys = masterKeys;
        _kmsKeys = kmsKeys;
        _identities = identities;
        _digestKeys = digestKeys;
        _root = root;
        _logger = logger;
    }

    /// <exception cref="RootKeyUnavailableException">The root key cannot be used; what was done stays done.</exception>
    public async Task<RootKeyRewrapResult> RunAsync(CancellationToken cancellationToken)
    {
        (long seen, long rewrapped, long failed) = (0, 0, 0);
        await foreach (Wrap wrap in ListAsync(cancellationToken).ConfigureAwait(false))
        {
            seen++;
            try
            {
                // A lost race is a change that came with a wrap of its own, or a run that did the same.
                if (await _root.RewrapAsync(wrap.Wrapped, wrap.Context, cancellationToken).ConfigureAwait(false) is { } anew && await wrap.ReplaceAsync(anew).ConfigureAwait(false))
                {
                    rewrapped++;
                }
            }
            catch (CryptographicException)
            {
                failed++;
                _logger.LogError("The root key does not open {Name}.", wrap.Name);
            }
        }

        if (rewrapped > 0)
        {
            _logger.LogInformation("{Rewrapped} of {Seen} keys and secrets were wrapped anew under the root key {Id}.", rewrapped, seen, _root.Id);
        }

        return new(seen, rewrapped, failed);
    }

    private async IAsyncEnumerable<Wrap> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await _masterKeys.ReadRootKeyCheckAsync(cancellationToken).ConfigureAwait(false) is { } check)
        {
            yield return new("its check value", check, RootKeyCheck.Context, anew => _masterKeys.TryRewrapRootKeyCheckAsync(check, anew, cancellationToken));
        }

        if (await _digestKeys.ReadAsync(cancellationToken).ConfigureAwait(false) is { } digestKey)
        {
            yield return new("the key of audit digests", digestKey, RootDigestKeys.Context, anew => _digestKeys.TryRewrapAsync(digestKey, anew, cancellationToken));
        }

        for (uint number = 1; await _masterKeys.ReadVersionAsync(number, cancellationToken).ConfigureAwait(false) is { } version; number++)
        {
            if (version.IsRetired)
            {
                continue;
            }

            yield return new(
                $"version {number} of the master key", version.Wrapped, MasterKeySuccession.ContextOf(number), anew => _masterKeys.TryRewrapVersionAsync(version, anew, cancellationToken));
        }

        await foreach (KmsKeyVersion version in _kmsKeys.ListAllVersionsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (version.HasMaterial)
            {
                yield return new(
                    $"version {version.Version} of the KMS key {version.Region}/{version.KeyId}", version.Wrapped, KmsBackingKeys.ContextOf(version.Region, version.KeyId, version.Version),
                    anew => _kmsKeys.TryRewrapVersionAsync(version, anew, cancellationToken));
            }
        }

        string? after = null;
        while (await _identities.ListUsersAsync(after, UserPageSize, cancellationToken).ConfigureAwait(false) is { Count: > 0 } users)
        {
            foreach (User user in users)
            {
                User current = user;
                foreach (AccessKey key in user.AccessKeys)
                {
                    yield return new(
                        $"the access key {key.Id}", key.WrappedSecret, RootSecretWrapping.ContextOf(key.Id, user.Id), anew => ReplaceAsync(key.Id, anew));
                }

                // A user's second key is changed on the user that its first one's change has left.
                async ValueTask<bool> ReplaceAsync(string keyId, byte[] anew)
                {
                    User changed = current with { AccessKeys = [.. current.AccessKeys.Select(key => key.Id == keyId ? key with { WrappedSecret = anew } : key)] };
                    bool isChanged = await _identities.TryChangeAsync(current, changed, cancellationToken).ConfigureAwait(false);
                    current = await _identities.FindUserAsync(user.Name, cancellationToken).ConfigureAwait(false) ?? current;
                    return isChanged;
                }
            }

            after = users[^1].Name;
        }
    }

    /// <summary>Something under the root key.</summary>
    /// <param name="Name">What it is, for the log.</param>
    /// <param name="Wrapped">It, wrapped.</param>
    /// <param name="Context">What it was wrapped with.</param>
    /// <param name="ReplaceAsync">Keeps it under another wrap; false when it has changed.</param>
    private sealed record Wrap(string Name, byte[] Wrapped, EncryptionContext Context, Func<byte[], ValueTask<bool>> ReplaceAsync);
}
