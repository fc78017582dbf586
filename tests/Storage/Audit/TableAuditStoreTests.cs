using Serverless.Audit;
using Serverless.Audit.Tests;

namespace Serverless.Storage.Tests;

[Collection(AzuriteCollection.Name)]
public sealed class TableAuditStoreTests(AzuriteFixture azurite) : AuditStoreContract
{
    protected override IAuditStore Store { get; } = new TableAuditStore(azurite.Account);

    [Fact]
    public async Task Rows_of_one_partition_are_written_in_one_transaction()
    {
        var calls = new CallCount();
        var store = new TableAuditStore(new StorageAccount(azurite.ConnectionString, [calls]));
        await store.PutAsync($"EventName_Warm{Guid.NewGuid():N}_20260304", [new("1", "{}"u8.ToArray())], CancellationToken.None);
        var warm = calls.Total;

        await store.PutAsync($"EventName_{Guid.NewGuid():N}_20260304", [.. Enumerable.Range(0, 100).Select(number => new AuditRow($"{number:D3}", "{}"u8.ToArray()))], CancellationToken.None);

        Assert.Equal(warm + 1, calls.Total);
    }
}
