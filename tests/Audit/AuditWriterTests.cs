using System.Text;
using Microsoft.Extensions.Time.Testing;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

public sealed class AuditWriterTests
{
    private readonly MemoryAuditStore store = new();

    [Fact]
    public async Task A_record_has_a_row_in_the_journal_of_the_hour_that_it_is_written_in_one_among_all_and_one_for_each_attribute_that_tells_it_from_others()
    {
        var auditEvent = Events.Decrypt();
        await new AuditWriter(store, new FakeTimeProvider(Events.Noon.AddHours(1))).WriteAsync(Message(auditEvent), CancellationToken.None);

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
                ("log_2026030413", position),
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

    [Theory]
    [InlineData(0)]
    [InlineData(90)]
    public async Task Killed_before_or_after_any_store_call_and_run_again_now_or_an_hour_later_the_writer_loses_nothing_and_nothing_is_double(int minutes)
    {
        AuditEvent[] events = [Events.Decrypt(), Events.Decrypt(Events.Noon.AddDays(1), "dog.jpg", Events.Root)];
        var whole = new SealedTrail();
        await whole.WriteAsync(events);
        // The journal, and partitions for attributes of six kinds on each of two days.
        Assert.Equal(1 + 2 * 6, whole.Store.Rows.Select(row => row.Partition).Distinct().Count());
        var kills = 0;
        for (var at = 0; ; at++)
        {
            var killed = new SealedTrail();
            var death = new Death(at);
            killed.Store.Step = death.Step;
            if (await Record.ExceptionAsync(() => killed.WriteAsync(events)) is { } failure) Assert.True(failure is IOException or AggregateException);
            if (!death.HasCome) break;
            kills++;
            killed.Store.Step = () => { };
            killed.Time.Advance(TimeSpan.FromMinutes(minutes));
            await killed.WriteAsync(events);

            Assert.Equal(whole.Store.Rows.Where(IsCopy), killed.Store.Rows.Where(IsCopy));
            killed.Time.Advance(TimeSpan.FromDays(1));
            await killed.SealAsync();
            var verified = await killed.VerifyAsync();
            Assert.Null(verified.Finding);
            Assert.Equal(2, verified.Records);
        }
        Assert.Equal(2 * 13, kills);

        static bool IsCopy((string Partition, string Key) row) => !row.Partition.StartsWith("log_", StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_takes_too_long_for_the_hour_that_was_chosen_is_given_up_and_goes_into_another()
    {
        var trail = new SealedTrail();
        trail.Time.SetUtcNow(Events.Noon.AddMinutes(59));
        trail.Store.Step = () => trail.Time.Advance(AuditJournal.LongestWrite);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trail.WriteAsync(Events.Decrypt()));
        Assert.All(trail.Store.Rows, row => Assert.Equal("log_2026030412", row.Partition));

        trail.Store.Step = () => { };
        await trail.WriteAsync(Events.Decrypt());
        Assert.Contains(trail.Store.Rows, row => row.Partition == "log_2026030413");
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

        // A Decrypt has rows in seven partitions, the journal's among them: seven writes for the first, seven for all the others.
        Assert.Equal(14, slow.Writes);
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
    public async Task What_is_in_an_index_is_in_the_journal_and_what_is_among_a_days_events_is_in_every_index()
    {
        // The journal comes first, then attributes of five kinds; the last write, of all events, does not begin.
        foreach (var (writes, partitions) in new[] { (0, 0), (1, 1), (6, 6) })
        {
            var (dying, death) = (new MemoryAuditStore(), new Death(2 * writes));
            dying.Step = death.Step;
            await Assert.ThrowsAnyAsync<IOException>(() => new AuditWriter(dying, TimeProvider.System).WriteAsync(Message(Events.Decrypt()), CancellationToken.None));

            Assert.Equal(partitions, dying.Rows.Select(row => row.Partition).Distinct().Count());
            Assert.Equal(writes > 0, dying.Rows.Any(row => row.Partition.StartsWith("log_", StringComparison.Ordinal)));
            Assert.DoesNotContain(dying.Rows, row => row.Partition.StartsWith("None_", StringComparison.Ordinal));
        }
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
}
