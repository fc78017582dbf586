using System.Collections.Concurrent;
using System.Text;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Serverless.Audit;
using Serverless.Audit.Tests.Digests;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Storage.Tests;

[Collection(AzuriteCollection.Name)]
public sealed class TableDigestStoreTests(AzuriteFixture azurite) : DigestStoreContract
{
    protected override async Task<IDigestStore> NewStoreAsync()
    {
        await azurite.Account.Tables.DeleteTableAsync(TableDigestStore.TableName);
        return new TableDigestStore(azurite.Account);
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class BlobAuditArchiveTests(AzuriteFixture azurite) : AuditArchiveContract
{
    protected override IAuditArchive Archive { get; } = new BlobAuditArchive(azurite.Account);
}

/// <summary>From the writer to the verified chain on the real stores.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class SealedAuditTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task What_is_written_is_sealed_and_exported_and_a_forged_row_is_found()
    {
        await azurite.Account.Tables.DeleteTableAsync(TableDigestStore.TableName);
        // No other test writes into that year.
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 5, 6, 7, 30, 0, TimeSpan.Zero));
        var (store, digests, archive, keys) = (new TableAuditStore(azurite.Account), new TableDigestStore(azurite.Account), new BlobAuditArchive(azurite.Account), new MemoryDigestKeys());
        var events = Enumerable.Range(0, 300).Select(number => Events.Decrypt(time.GetUtcNow().AddSeconds(number))).ToArray();
        var queue = new Messages();
        await using (var trail = new AuditTrail(queue, Events.Identity, time)) await Task.WhenAll(events.Select(auditEvent => trail.RecordAsync(auditEvent, default).AsTask()));
        foreach (var message in queue.All) await new AuditWriter(store, time).WriteAsync(message, default);
        time.Advance(TimeSpan.FromHours(2));
        await new AuditSealing(store, digests, keys, archive, Events.Identity, Options.Create(new AuditOptions()), time, NullLogger<AuditSealing>.Instance).RunAsync(default);

        var verifier = new AuditVerifier(store, digests, keys, archive, time);
        var verified = await verifier.VerifyAsync(null, null, TimeSpan.MaxValue, default);
        Assert.Null(verified.Finding);
        Assert.Equal((2, 300), (verified.Digests, verified.Records));

        var table = azurite.Account.Tables.GetTableClient(TableAuditStore.TableName);
        var row = (await table.QueryAsync<TableEntity>($"PartitionKey eq 'Username_20310506'").FirstAsync())!;
        row["Record"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.GetBinary("Record")).Replace("Decrypt", "Encrypt", StringComparison.Ordinal));
        await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);
        var finding = (await verifier.VerifyAsync(null, null, TimeSpan.MaxValue, default)).Finding!;
        Assert.Equal(AuditFindingKind.RecordChanged, finding.Kind);
        Assert.EndsWith(finding.EventId.ToString()!, row.RowKey, StringComparison.Ordinal);
    }

    private sealed class Messages : IAuditQueue
    {
        private readonly ConcurrentQueue<string> all = [];

        public IEnumerable<string> All => all;

        public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            all.Enqueue(Encoding.UTF8.GetString(message.Span));
            return ValueTask.CompletedTask;
        }

        public ValueTask<AuditQueueState> ReadStateAsync(CancellationToken cancellationToken) => new(new AuditQueueState(0, 0));
    }
}
