using Azure.Storage.Blobs.Specialized;
using Serverless.LocalHost.Tests.Azurite;
using Serverless.LocalHost.Timers;

namespace Serverless.LocalHost.Tests.Timers;

[Collection(WithAzurite.Name)]
public sealed class SingletonLeaseTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Only_one_has_it_until_it_gives_it_back()
    {
        var blob = await BlobAsync();

        await using (var first = await SingletonLease.TryAcquireAsync(blob, CancellationToken.None))
        {
            Assert.NotNull(first);
            Assert.Null(await SingletonLease.TryAcquireAsync(blob, CancellationToken.None));
        }
        await using var second = await SingletonLease.TryAcquireAsync(blob, CancellationToken.None);
        Assert.NotNull(second);
    }

    [Fact]
    public async Task It_is_renewed_beyond_the_time_it_was_granted_for()
    {
        var blob = await BlobAsync();
        await using var lease = await SingletonLease.TryAcquireAsync(blob, CancellationToken.None);

        await Task.Delay(TimeSpan.FromSeconds(17));

        Assert.False(lease!.Lost.IsCancellationRequested);
        Assert.Null(await SingletonLease.TryAcquireAsync(blob, CancellationToken.None));
    }

    [Fact]
    public async Task Its_holder_is_told_when_it_is_lost()
    {
        var blob = await BlobAsync();
        await using var lease = await SingletonLease.TryAcquireAsync(blob, CancellationToken.None);

        await blob.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);

        await Until.True(() => lease!.Lost.IsCancellationRequested, "the loss of the lease");
    }

    private async Task<Azure.Storage.Blobs.BlobClient> BlobAsync()
    {
        var records = new TimerRecords(azurite.Blobs, $"app-{Guid.NewGuid():N}");
        await records.CreateAsync(CancellationToken.None);
        return records.Lock("Timer");
    }
}
