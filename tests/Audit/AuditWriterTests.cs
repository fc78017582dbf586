using System.Text;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

public sealed class AuditWriterTests
{
    private readonly MemoryAuditStore store = new();

    [Fact]
    public async Task A_record_has_a_row_among_all_and_one_for_each_attribute_that_tells_it_from_others()
    {
        var auditEvent = Events.Decrypt();
        await new AuditWriter(store, TimeProvider.System).WriteAsync(Message(auditEvent), CancellationToken.None);

        var position = $"!{DateTime.MaxValue.Ticks - Events.Noon.UtcTicks}_{auditEvent.EventId:D}";
        Assert.Equal(
            new[]
            {
                ("AccessKeyId_20260304", "AKIDALICE" + position),
                ("EventId_20260304", $"{auditEvent.EventId:D}{position}"),
                ("EventName_20260304", "Decrypt" + position),
                ("None_20260304", position),
                ("ResourceName_20260304", Events.KeyId + position),
                ("ResourceName_20260304", AuditIndex.PlaceOf(new(LookupKey.ResourceName, Events.ObjectArn("cat.jpg"))).Value + position),
                ("Username_20260304", "alice" + position),
            }.Order(),
            store.Rows);
    }

    [Fact]
    public async Task What_is_out_of_the_ordinary_has_rows_of_its_own()
    {
        var auditEvent = Events.Decrypt() with { EventSource = "s3.amazonaws.com", ReadOnly = false, Resources = [new("AWS::KMS::Alias", "alias/a")] };
        await new AuditWriter(store, TimeProvider.System).WriteAsync(Message(auditEvent), CancellationToken.None);

        Assert.Superset(
            new HashSet<string> { "EventSource_20260304", "ReadOnly_20260304", "ResourceType_20260304", "ResourceName_20260304" },
            store.Rows.Select(row => row.Partition).ToHashSet());
    }

    [Fact]
    public async Task Records_that_come_again_in_whatever_message_are_there_once()
    {
        var (first, second) = (Events.Decrypt(), Events.Decrypt());
        var writer = new AuditWriter(store, TimeProvider.System);
        await writer.WriteAsync(Message(first, second), CancellationToken.None);
        var rows = store.Rows;

        await writer.WriteAsync(Message(first, second), CancellationToken.None);
        await writer.WriteAsync(Message(second, second), CancellationToken.None);

        Assert.Equal(rows, store.Rows);
    }

    [Fact]
    public async Task Killed_before_or_after_any_step_and_run_again_the_writer_leaves_the_same_table()
    {
        var message = Message(Events.Decrypt(), Events.Decrypt(Events.Noon.AddDays(1), "dog.jpg", Events.Root));
        await new AuditWriter(store, TimeProvider.System).WriteAsync(message, CancellationToken.None);
        var steps = store.Rows.Select(row => row.Partition).Distinct().Count();
        Assert.Equal(12, steps);

        for (var step = 0; step < steps; step++)
        {
            foreach (var written in new[] { false, true })
            {
                var killed = new MemoryAuditStore();
                await Assert.ThrowsAnyAsync<IOException>(() => new AuditWriter(new DyingStore(killed, step, written), TimeProvider.System).WriteAsync(message, CancellationToken.None));
                await new AuditWriter(killed, TimeProvider.System).WriteAsync(message, CancellationToken.None);
                Assert.Equal(store.Rows, killed.Rows);
            }
        }
    }

    [Fact]
    public async Task Messages_that_come_while_a_write_is_under_way_are_written_together()
    {
        var slow = new GatedStore(store);
        var writer = new AuditWriter(slow, TimeProvider.System);
        var first = writer.WriteAsync(Message(Events.Decrypt()), CancellationToken.None);
        await slow.Entered.WaitAsync(TimeSpan.FromSeconds(10));
        var others = Enumerable.Range(0, 15).Select(_ => writer.WriteAsync(Message(Events.Decrypt()), CancellationToken.None)).ToArray();
        slow.Open();
        await Task.WhenAll([first, .. others]);

        // A Decrypt has rows in six partitions: six writes for the first, six for all the others.
        Assert.Equal(12, slow.Writes);
        Assert.Equal(16, store.Rows.Count(row => row.Partition.StartsWith("EventId_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_message_whose_records_the_store_refuses_does_not_take_others_along()
    {
        var bad = Events.Decrypt();
        var picky = new GatedStore(store) { Refused = $"{bad.EventId:D}" };
        var writer = new AuditWriter(picky, TimeProvider.System);
        var first = writer.WriteAsync(Message(Events.Decrypt()), CancellationToken.None);
        await picky.Entered.WaitAsync(TimeSpan.FromSeconds(10));
        var good = writer.WriteAsync(Message(Events.Decrypt()), CancellationToken.None);
        var refused = writer.WriteAsync(Message(bad), CancellationToken.None);
        picky.Open();

        await Task.WhenAll(first, good);
        await Assert.ThrowsAsync<IOException>(() => refused);
    }

    [Fact]
    public async Task What_is_among_a_days_events_is_in_every_index()
    {
        // A Decrypt has rows for attributes of 5 kinds; the last is not written.
        var dying = new DyingStore(store, 4, written: false);
        await Assert.ThrowsAnyAsync<IOException>(() => new AuditWriter(dying, TimeProvider.System).WriteAsync(Message(Events.Decrypt()), CancellationToken.None));

        Assert.Equal(4, store.Rows.Select(row => row.Partition).Distinct().Count());
        Assert.DoesNotContain(store.Rows, row => row.Partition.StartsWith("None_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not JSON")]
    [InlineData("{}")]
    [InlineData("[{")]
    public async Task A_message_that_is_no_array_is_kept_for_the_poison_queue(string message) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => new AuditWriter(store, TimeProvider.System).WriteAsync(message, CancellationToken.None));

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("17")]
    [InlineData("""{"ticks":1}""")]
    [InlineData("""{"ticks":"1","record":{}}""")]
    [InlineData("""{"ticks":1.5,"record":{}}""")]
    [InlineData("""{"ticks":1,"record":{}}""")]
    [InlineData("""{"ticks":1,"record":null}""")]
    [InlineData("""{"ticks":-1,"record":{"eventID":"a9dea4f9-8395-46c0-942c-f509c02c2b71","eventName":"x","eventSource":"x","readOnly":true,"userIdentity":{"type":"x","accountId":"x"}}}""")]
    [InlineData("""{"ticks":1,"record":{"eventID":"no guid","eventName":"x","eventSource":"x","readOnly":true,"userIdentity":{"type":"x","accountId":"x"}}}""")]
    [InlineData("""{"ticks":1,"record":{"eventID":"a9dea4f9-8395-46c0-942c-f509c02c2b71","eventName":null,"eventSource":"x","readOnly":true,"userIdentity":{"type":"x","accountId":"x"}}}""")]
    [InlineData("""{"ticks":1,"record":{"eventID":"a9dea4f9-8395-46c0-942c-f509c02c2b71","eventName":"x","eventSource":"x","readOnly":true,"userIdentity":{}}}""")]
    [InlineData("""{"ticks":1,"record":{"eventID":"a9dea4f9-8395-46c0-942c-f509c02c2b71","eventName":"x","eventSource":"x","readOnly":true,"userIdentity":{"type":"x","accountId":"x"},"resources":[null]}}""")]
    [InlineData("""{"ticks":1,"record":{"eventID":"a9dea4f9-8395-46c0-942c-f509c02c2b71","eventName":"x","eventSource":"x","readOnly":true,"userIdentity":{"type":"x","accountId":"x"},"resources":[{"type":"x"}]}}""")]
    public async Task An_entry_that_is_no_record_keeps_the_message_and_loses_none_of_its_neighbours(string entry)
    {
        var good = Events.Decrypt();
        var message = $"[{Entry(good)},{entry},{Entry(Events.Decrypt())}]";

        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => new AuditWriter(store, TimeProvider.System).WriteAsync(message, CancellationToken.None));

        Assert.Equal("1 of 3 entries of the audit message are not records.", failure.Message);
        Assert.Equal(2, store.Rows.Count(row => row.Partition == "EventName_20260304"));
    }

    private static string Message(params AuditEvent[] events) => $"[{string.Join(',', events.Select(Entry))}]";

    private static string Entry(AuditEvent auditEvent) => Encoding.UTF8.GetString(AuditEntry.Write(auditEvent, Events.AccountId));

    /// <summary>A store that works for some steps and then, before or after writing, no more.</summary>
    private sealed class DyingStore(MemoryAuditStore inner, int steps, bool written) : IAuditStore
    {
        private readonly Lock gate = new();
        private int done;

        public Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                if (done < steps || (done == steps && written)) inner.PutAsync(partition, rows, CancellationToken.None);
                return done++ < steps ? Task.CompletedTask : Task.FromException(new IOException("killed"));
            }
        }

        public Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken) =>
            inner.ReadAsync(partition, after, before, limit, cancellationToken);
    }
}
