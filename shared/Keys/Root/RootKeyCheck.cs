using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>
/// At start, before anything is served: is this the root key that the storage account's keys were made with? A new storage account remembers the root key
/// by a known value wrapped under it. Nothing is ever made under a root key that does not open what is there already.
/// It comes before every hosted service's start, the web server's and the triggers' included.
/// </summary>
public sealed class RootKeyCheck(IMasterKeyStore store, IRootKey root) : IHostedLifecycleService, IReadinessCheck
{
    internal static readonly EncryptionContext Context = EncryptionContext.Empty.With("purpose", "root-key-check");

    /// <exception cref="InvalidOperationException">The root key is another than the keys in this storage account were made with.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        byte[] check = await store.ReadRootKeyCheckAsync(cancellationToken).ConfigureAwait(false)
            ?? await CreateAsync(cancellationToken).ConfigureAwait(false);
        await RequireAsync(check, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask CheckAsync(CancellationToken cancellationToken) =>
        await RequireAsync(await store.ReadRootKeyCheckAsync(cancellationToken).ConfigureAwait(false) ?? throw WrongRootKey(), cancellationToken).ConfigureAwait(false);

    private async Task RequireAsync(byte[] check, CancellationToken cancellationToken)
    {
        using SecretKey? opened = await root.UnwrapAsync(check, Context, cancellationToken).ConfigureAwait(false);
        if (opened is null || !CryptographicOperations.FixedTimeEquals(opened.Bytes, KnownValue))
        {
            throw WrongRootKey();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static ReadOnlySpan<byte> KnownValue => "serverless-sse root key check v1"u8;

    private async Task<byte[]> CreateAsync(CancellationToken cancellationToken)
    {
        // A check value that was lost is made anew only under a root key that opens what is there.
        if (await store.ReadVersionAsync(1, cancellationToken).ConfigureAwait(false) is { } first)
        {
            using SecretKey? opened = await root.UnwrapAsync(first.Wrapped, MasterKeySuccession.ContextOf(1), cancellationToken).ConfigureAwait(false);
            if (opened is null)
            {
                throw WrongRootKey();
            }
        }

        using SecretKey known = SecretKey.Copy(KnownValue);
        byte[] check = await root.WrapAsync(known, Context, cancellationToken).ConfigureAwait(false);
        return await store.TryCreateRootKeyCheckAsync(check, cancellationToken).ConfigureAwait(false)
            ? check
            : await store.ReadRootKeyCheckAsync(cancellationToken).ConfigureAwait(false) ?? throw WrongRootKey();
    }

    private InvalidOperationException WrongRootKey() => new(
        $"The root key in {root.Id} does not open the keys kept in this storage account. Put back the root key that they were made with; there is no other way to read them.");
}
