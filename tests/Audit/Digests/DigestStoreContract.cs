using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests.Digests;

/// <summary>What every store of digests does: one suite, run over the in-memory fake and over Azurite.</summary>
public abstract class DigestStoreContract
{
    private static readonly AuditHour Noon = AuditHour.Of(Events.Noon);

    /// <summary>A store without digests.</summary>
    protected abstract Task<IDigestStore> NewStoreAsync();

    [Fact]
    public async Task Digests_are_read_newest_first_from_an_hour_back_with_their_bytes_unchanged()
    {
        var store = await NewStoreAsync();
        Assert.Empty(await store.ReadAsync(null, 10, CancellationToken.None));
        foreach (var hours in new[] { 0, 2, 1, 12, 4 }) Assert.True(await store.TryAddAsync(Digest(hours), CancellationToken.None));

        Assert.Equal([12, 4, 2, 1, 0], Hours(await store.ReadAsync(null, 10, CancellationToken.None)));
        Assert.Equal([12], Hours(await store.ReadAsync(null, 1, CancellationToken.None)));
        Assert.Equal([2, 1], Hours(await store.ReadAsync(new AuditHour(Noon.Number + 3), 2, CancellationToken.None)));
        Assert.Equal([2, 1, 0], Hours(await store.ReadAsync(new AuditHour(Noon.Number + 2), 10, CancellationToken.None)));
        Assert.Empty(await store.ReadAsync(Noon.Previous, 10, CancellationToken.None));

        var read = Assert.Single(await store.ReadAsync(Noon, 1, CancellationToken.None));
        Assert.Equal(Digest(0).Content.ToArray(), read.Content.ToArray());
        Assert.Equal(Digest(0).Signature.ToArray(), read.Signature.ToArray());
    }

    [Fact]
    public async Task An_hour_gets_one_digest()
    {
        var store = await NewStoreAsync();
        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => store.TryAddAsync(new(Noon, new[] { (byte)number }, new byte[32]), CancellationToken.None).AsTask()));

        Assert.Single(added, isAdded => isAdded);
        var read = Assert.Single(await store.ReadAsync(null, 10, CancellationToken.None));
        Assert.Equal(Array.IndexOf(added, true), read.Content.Span[0]);
        Assert.False(await store.TryAddAsync(Digest(0), CancellationToken.None));
    }

    // Large, as of an hour with very many log files, and as compressible as their names.
    private static SealedDigest Digest(int hours) =>
        new(new(Noon.Number + hours), Enumerable.Range(0, 300_000).Select(number => (byte)(number % 251 + hours)).ToArray(), Enumerable.Repeat((byte)hours, 32).ToArray());

    private static IEnumerable<long> Hours(IEnumerable<SealedDigest> digests) => digests.Select(digest => digest.Hour.Number - Noon.Number);
}
