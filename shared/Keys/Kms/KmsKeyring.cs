using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>KMS keys, found by any of their names, judged, and held for a use. Warm, it asks neither the store nor the root key.</summary>
internal sealed class KmsKeyring
{
    /// <summary>How old a key's state or an alias may be; disabling a key works everywhere within this time.</summary>
    private static readonly TimeSpan StateLifetime = TimeSpan.FromSeconds(5);
    private const int Capacity = 10_000;

    private readonly KmsBackingKeys _backing;
    private readonly ManagedKeys _managed;
    private readonly IKmsKeyStore _store;
    private readonly TimeProvider _time;
    private readonly KmsPermissions _permissions;
    private readonly string _accountId;
    private readonly RecentCache<(string Region, string Id), KmsKey> _keys;
    private readonly RecentCache<(string Region, string Name), KmsAlias> _aliases;

    public KmsKeyring(IKmsKeyStore store, KmsBackingKeys backing, ManagedKeys managed, KmsPermissions permissions, IOptions<ServiceIdentity> identity, TimeProvider time)
    {
        _backing = backing;
        _managed = managed;
        _store = store;
        _time = time;
        _permissions = permissions;
        _accountId = identity.Value.AccountId;
        _keys = new("kms_keys", key => store.ReadKeyAsync(key.Region, key.Id, CancellationToken.None).AsTask(), time, StateLifetime, Capacity);
        _aliases = new("kms_aliases", alias => store.ReadAliasAsync(alias.Region, alias.Name, CancellationToken.None).AsTask(), time, StateLifetime, Capacity);
    }

    /// <summary>Finds the call's key and holds its current version for the use, if the caller and the key's state admit it. Null names the managed key for S3.</summary>
    /// <exception cref="KmsException">They do not, or there is no such key.</exception>
    public async ValueTask<BackingKey> HoldCurrentAsync(KmsCall call, string? keyId, CancellationToken cancellationToken)
    {
        KmsKey key = await FindAsync(call, keyId ?? KmsAlias.ManagedS3, cancellationToken).ConfigureAwait(false);
        await AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        return await HoldCurrentAsync(call, key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Holds the current version of an admitted key for the use, and notes it in the call.</summary>
    public async ValueTask<BackingKey> HoldCurrentAsync(KmsCall call, KmsKey key, CancellationToken cancellationToken) =>
        await HoldAsync(call, key, key.CurrentVersion, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Version {key.CurrentVersion} of the key {key.Arn} has been deleted from storage.");

    /// <summary>Finds the key that a wrap names and holds the version that made it, if the caller and the key's state admit it.</summary>
    /// <exception cref="KmsException">They do not, there is no such key, or the wrap is corrupt.</exception>
    public async ValueTask<BackingKey> HoldForAsync(KmsCall call, WrapHeader header, CancellationToken cancellationToken)
    {
        KmsKey key = await FindAsync(call, header, cancellationToken).ConfigureAwait(false);
        await AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        return await HoldAsync(call, key, header.KeyVersion, cancellationToken).ConfigureAwait(false)
            ?? throw new KmsException(KmsErrors.InvalidCiphertext);
    }

    /// <summary>Finds a key by an id, an alias or either's ARN, and notes it in the call.</summary>
    /// <exception cref="KmsException">There is no such key in the call's Region.</exception>
    public async ValueTask<KmsKey> FindAsync(KmsCall call, string keyId, CancellationToken cancellationToken)
    {
        KeyReference reference = KeyReference.Parse(keyId, call.Use.Region, _accountId);
        call.Alias = reference.Alias;
        string id = reference.KeyId ?? (await FindAliasAsync(call, reference.Alias!, cancellationToken).ConfigureAwait(false)).KeyId;
        return await FindByIdAsync(call, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The key that an id, an alias or either's ARN stands for, or null. No call is judged and nothing created.</summary>
    public async ValueTask<KmsKey?> TryFindAsync(string keyId, string region, CancellationToken cancellationToken)
    {
        if (!KeyReference.TryParse(keyId, region, _accountId, out KeyReference reference))
        {
            return null;
        }

        string? id = reference.KeyId ?? (await _aliases.GetAsync((region, reference.Alias!), cancellationToken).ConfigureAwait(false))?.KeyId;
        return id is null ? null : await _keys.GetAsync((region, id), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds a key by its id or ARN, as the operations that change keys do: an alias is no name of a key to them.</summary>
    /// <exception cref="KmsException">There is no such key in the call's Region.</exception>
    public ValueTask<KmsKey> FindExactlyAsync(KmsCall call, string keyId, CancellationToken cancellationToken) =>
        FindByIdAsync(call, ParseExactly(call, keyId), cancellationToken);

    /// <summary>Finds a key by its id or ARN, as the store has it now, and notes it in the call: for who is going to replace it.</summary>
    /// <exception cref="KmsException">There is no such key in the call's Region.</exception>
    public async ValueTask<KmsKey> ReadAsync(KmsCall call, string keyId, CancellationToken cancellationToken)
    {
        string id = ParseExactly(call, keyId);
        return Note(call, id, await _store.ReadKeyAsync(call.Use.Region, id, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Finds the key that a wrap names, and notes it in the call.</summary>
    /// <exception cref="KmsException">There is no such key in the call's Region, or the wrap names none.</exception>
    public ValueTask<KmsKey> FindAsync(KmsCall call, WrapHeader header, CancellationToken cancellationToken)
    {
        call.CiphertextVersion = header.KeyVersion;
        return !KmsBackingKeys.TryParseWrapKeyId(header.KeyId, out string region, out string id) ? throw new KmsException(KmsErrors.InvalidCiphertext)
            : region != call.Use.Region ? throw new KmsException(KmsErrors.InvalidRegion(region))
            : FindByIdAsync(call, id, cancellationToken);
    }

    /// <summary>The key has been changed here: its next use reads it.</summary>
    public void Forget(KmsKey key) => _keys.Forget((key.Region, key.Id));

    /// <summary>The alias has been changed here: its next use reads it.</summary>
    public void Forget(KmsAlias alias) => _aliases.Forget((alias.Region, alias.Name));

    /// <summary>Judges the caller, whatever the key's state.</summary>
    /// <exception cref="KmsException">The caller may not.</exception>
    public async ValueTask AdmitCallerAsync(KmsCall call, KmsKey key, CancellationToken cancellationToken)
    {
        if (await _permissions.RefusalAsync(call, key, call.Access, cancellationToken).ConfigureAwait(false) is { } refusal)
        {
            throw new KmsException(refusal);
        }
    }

    /// <summary>Judges the caller, then the key's state and usage.</summary>
    /// <exception cref="KmsException">One of them does not admit the operation.</exception>
    public ValueTask AdmitAsync(KmsCall call, KmsKey key, CancellationToken cancellationToken) => AdmitAsync(call, key, call.Access, cancellationToken);

    /// <summary>Judges the caller by what the call asks to do with this of its keys, then the key's state and usage.</summary>
    /// <exception cref="KmsException">One of them does not admit the operation.</exception>
    public async ValueTask AdmitAsync(KmsCall call, KmsKey key, KeyAccess access, CancellationToken cancellationToken)
    {
        KmsError? refusal = await _permissions.RefusalAsync(call, key, access, cancellationToken).ConfigureAwait(false)
            ?? KeyStateTable.Refusal(call.Operation, key)
            ?? KeyUsageTable.Refusal(call.Operation, key);
        if (refusal is not null)
        {
            throw new KmsException(refusal);
        }
    }

    /// <summary>Judges the caller by its own policies alone, for what no key's policy governs.</summary>
    /// <param name="call">The call.</param>
    /// <param name="resource">What it concerns: an ARN, or <c>*</c>.</param>
    /// <param name="action">The permission; the operation's by default.</param>
    /// <exception cref="KmsException">They do not admit it.</exception>
    public void Admit(KmsCall call, string resource, KmsOperation? action = null)
    {
        KeyAccess access = action is null ? call.Access : call.Access with { Action = action.Value.ToString() };
        if (_permissions.Refusal(call, access, resource) is { } refusal)
        {
            throw new KmsException(refusal);
        }
    }

    private string ParseExactly(KmsCall call, string keyId) =>
        KeyReference.Parse(keyId, call.Use.Region, _accountId).KeyId ?? throw new KmsException(KmsErrors.InvalidKeyId(keyId));

    private async ValueTask<KmsKey> FindByIdAsync(KmsCall call, string id, CancellationToken cancellationToken) =>
        Note(call, id, await _keys.GetAsync((call.Use.Region, id), cancellationToken).ConfigureAwait(false));

    private KmsKey Note(KmsCall call, string id, KmsKey? found) =>
        call.Key = AsOfNow(found) ?? throw new KmsException(KmsErrors.KeyNotFound(KmsKey.ArnOf(call.Use.Region, _accountId, id)));

    // Where imported material is gone or expired, it leaves this instance's memory, too.
    private KmsKey? AsOfNow(KmsKey? found)
    {
        KmsKey? key = found?.AsOf(_time.GetUtcNow());
        if (key?.State == KeyState.PendingImport)
        {
            _backing.ForgetImported(key);
        }

        return key;
    }

    private async ValueTask<KmsAlias> FindAliasAsync(KmsCall call, string name, CancellationToken cancellationToken)
    {
        if (await _aliases.GetAsync((call.Use.Region, name), cancellationToken).ConfigureAwait(false) is { } alias)
        {
            return alias;
        }

        // DescribeKey, too, makes the key that a predefined alias names (https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html).
        if (name != KmsAlias.ManagedS3 || (call.Use.ViaService != ManagedKeys.Service && call.Operation != KmsOperation.DescribeKey))
        {
            throw new KmsException(KmsErrors.AliasNotFound(KmsAlias.ArnOf(call.Use.Region, _accountId, name)));
        }

        // Whoever says who it is may cause the key to be made: the key's policy admits all who may use S3.
        if (call.Use.Caller.Principal.Type == PrincipalType.Anonymous)
        {
            Admit(call, "*");
        }

        return await _managed.FindOrCreateAsync(call.Use.Region, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Holds a version of an admitted key for the use, and notes it in the call; null where there is none.</summary>
    public async ValueTask<BackingKey?> HoldAsync(KmsCall call, KmsKey key, uint version, CancellationToken cancellationToken)
    {
        BackingKey? held = await _backing.HoldAsync(key, version, cancellationToken).ConfigureAwait(false);
        call.Material = held is null ? null : new(held.Version, held.MaterialId);
        // The key's state can be older than its material's going.
        return held is null && key.Origin == KeyOrigin.External && version <= key.CurrentVersion ? throw new KmsException(KmsErrors.PendingImport(key.Arn)) : held;
    }
}
