using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <inheritdoc cref="IBucketKeys"/>
internal sealed class BucketKeys : IBucketKeys
{
    // A few hundred bytes each; beyond these, the one that was not used for longest is made or opened again.
    private const int Capacity = 1024;

    // Objects that were written under one bucket key are wrapped anew within one run of the re-wrapping timer, or nearly so.
    private static readonly TimeSpan RewrapLifetime = TimeSpan.FromMinutes(10);

    private readonly IKmsKeys _kms;
    private readonly string _accountId;
    private readonly KmsKeyring _keyring;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;
    private readonly RecentCache<BucketKeyName, SharedBucketKey> _keys;
    private readonly RecentCache<BucketKeyName, byte[]> _rewrapped;

    public BucketKeys(IKmsKeys kms, KmsKeyring keyring, IOptions<BucketKeyOptions> options, IOptions<ServiceIdentity> identity, TimeProvider time)
    {
        _kms = kms;
        _keyring = keyring;
        _accountId = identity.Value.AccountId;
        _time = time;
        _lifetime = TimeSpan.FromSeconds(options.Value.LifetimeSeconds);
        _keys = new("bucket_keys", LoadAsync, time, _lifetime, Capacity);
        _rewrapped = new(
            "rewrapped_bucket_keys",
            name => kms.RewrapAsync(name.Wrapped!.Value, name.Context, name.Use.Region, CancellationToken.None).AsTask(), time, RewrapLifetime, Capacity);
    }

    public async ValueTask<BucketKey> CreateAsync(string? keyId, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        var call = new KmsCall(KmsOperation.GenerateDataKey, use) { Context = context };
        KmsKey? key = !IsSharing ? null
            : await FindAdmittedAsync(call, () => _keyring.FindAsync(call, keyId ?? KmsAlias.ManagedS3, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (key is not null)
        {
            return await ShareAsync(new BucketKeyName(key.Arn, key.CurrentVersion, null, context, use), cancellationToken).ConfigureAwait(false);
        }

        WrappedDataKey own = await _kms.GenerateDataKeyAsync(keyId, context, use, cancellationToken).ConfigureAwait(false);
        return new BucketKey(own.KeyArn, own.Plaintext, own.Wrapped, IsRecorded: true, own);
    }

    public async ValueTask<BucketKey> OpenAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, KeyUse use, CancellationToken cancellationToken)
    {
        if (IsSharing && KeyWrap.TryReadHeader(wrapped.Span, out WrapHeader header))
        {
            var call = new KmsCall(KmsOperation.Decrypt, use) { Context = context };
            if (await FindAdmittedAsync(call, () => _keyring.FindAsync(call, header, cancellationToken), cancellationToken).ConfigureAwait(false) is { } key)
            {
                return await ShareAsync(new BucketKeyName(key.Arn, header.KeyVersion, wrapped, context, use), cancellationToken).ConfigureAwait(false);
            }
        }

        SecretKey own = await _kms.DecryptDataKeyAsync(wrapped, context, use, cancellationToken).ConfigureAwait(false);
        // The key's ARN is for a record that is still to be made; this use is on the trail.
        return new BucketKey(KeyArn: "", own, wrapped.ToArray(), IsRecorded: true, own);
    }

    public async ValueTask<byte[]?> RewrapAsync(ReadOnlyMemory<byte> wrapped, EncryptionContext context, string region, CancellationToken cancellationToken)
    {
        var use = KeyUse.OfService(_accountId, region);
        var call = new KmsCall(KmsOperation.ReEncrypt, use) { Context = context };
        KmsKey? key = !KeyWrap.TryReadHeader(wrapped.Span, out WrapHeader header) ? null
            : await FindAdmittedAsync(call, () => _keyring.FindAsync(call, header, cancellationToken), cancellationToken).ConfigureAwait(false);
        return key is null
            ? await _kms.RewrapAsync(wrapped, context, region, cancellationToken).ConfigureAwait(false)
            : await _rewrapped.GetAsync(new BucketKeyName(key.Arn, key.CurrentVersion, wrapped, context, use), cancellationToken).ConfigureAwait(false);
    }

    private bool IsSharing => _lifetime > TimeSpan.Zero;

    /// <summary>The key, if the call would be admitted now. Null where it would not: then the call is made, and so refused and recorded, by whoever is asked for it.</summary>
    private async ValueTask<KmsKey?> FindAdmittedAsync(KmsCall call, Func<ValueTask<KmsKey>> find, CancellationToken cancellationToken)
    {
        try
        {
            KmsKey key = await find().ConfigureAwait(false);
            await _keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
            return key;
        }
        catch (KmsException)
        {
            return null;
        }
    }

    private async ValueTask<BucketKey> ShareAsync(BucketKeyName name, CancellationToken cancellationToken)
    {
        SharedBucketKey key = (await _keys.HoldAsync(name, cancellationToken).ConfigureAwait(false))!;
        return new BucketKey(name.KeyArn, key.Plaintext, key.Wrapped, IsRecorded: ReferenceEquals(key.Name.Use, name.Use), key);
    }

    private async Task<SharedBucketKey?> LoadAsync(BucketKeyName name)
    {
        SharedBucketKey key;
        if (name.Wrapped is { } wrapped)
        {
            key = new(name, await _kms.DecryptDataKeyAsync(wrapped, name.Context, name.Use, CancellationToken.None).ConfigureAwait(false), wrapped.ToArray());
        }
        else
        {
            WrappedDataKey made = await _kms.GenerateDataKeyAsync(name.KeyArn, name.Context, name.Use, CancellationToken.None).ConfigureAwait(false);
            key = new(name, made.Plaintext, made.Wrapped);
        }

        key.ForgetAfter(_lifetime, _time, _keys);
        return key;
    }

    /// <summary>A bucket key in memory. It is dropped when its time is over, whether anybody asks for it again or not.</summary>
    private sealed class SharedBucketKey(BucketKeyName name, SecretKey plaintext, byte[] wrapped) : SharedSecret
    {
        private ITimer? _timer;

        public BucketKeyName Name => name;

        public SecretKey Plaintext => plaintext;

        public byte[] Wrapped => wrapped;

        public void ForgetAfter(TimeSpan lifetime, TimeProvider time, RecentCache<BucketKeyName, SharedBucketKey> cache) =>
            _timer = time.CreateTimer(_ => cache.Forget(name), null, lifetime, Timeout.InfiniteTimeSpan);

        protected override void Wipe()
        {
            plaintext.Dispose();
            _timer?.Dispose();
        }
    }
}
