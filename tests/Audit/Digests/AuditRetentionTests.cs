using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests.Digests;

public sealed class AuditRetentionTests
{
    private const int Days = 90;

    private readonly RecordedEvents events = new();

    [Fact]
    public async Task What_is_older_than_the_retention_is_removed_and_what_is_not_stays_and_the_trail_verifies_all_the_while()
    {
        var trail = await FilledAsync();
        var first = DateOnly.FromDateTime(Events.Noon.UtcDateTime);
        for (var past = 0; past <= 3; past++)
        {
            await trail.SealUntilAsync(Events.Noon.AddDays(Days + past));
            await trail.NewRetention(events).RunAsync(CancellationToken.None);

            var (days, hours) = (DaysOf(trail, "EventId_"), DaysOf(trail, "log_"));
            Assert.Equal(Enumerable.Range(past, 4 - past).Select(day => first.AddDays(day)), days);
            Assert.Equal(Enumerable.Range(Math.Max(0, past - 1), 4 - Math.Max(0, past - 1)).Select(day => first.AddDays(day)), hours);
            Assert.Equal(hours.Count, trail.Archive.LogFiles.Count());
            Assert.DoesNotContain(trail.Store.Rows, row => !row.Partition.StartsWith("log_", StringComparison.Ordinal) && AuditPlace.TryGetDay(row.Partition) < first.AddDays(past));
            var verified = await trail.VerifyAsync();
            Assert.Null(verified.Finding);
            Assert.Equal(first.AddDays(past), verified.RetainedFrom);
        }
        Assert.Equal(3, events.All.Count);
        Assert.All(events.All, auditEvent => Assert.Equal(("RemoveExpiredRecords", "AwsServiceEvent"), (auditEvent.EventName, auditEvent.EventType)));
        Assert.Equal("2026-03-07", (string)events.All[^1].ServiceEventDetails!["retainedFrom"]!);
    }

    [Fact]
    public async Task Killed_again_and_again_a_step_farther_each_time_it_leaves_the_same_and_the_trail_verifies_between()
    {
        var expected = await FilledAsync();
        await expected.SealUntilAsync(Events.Noon.AddDays(Days + 3));
        await expected.NewRetention(events).RunAsync(CancellationToken.None);
        var killed = await FilledAsync();
        await killed.SealUntilAsync(Events.Noon.AddDays(Days + 3));
        // Each run comes a step farther in what the one before it has left.
        var kills = 0;
        for (; ; kills++)
        {
            var death = new Death(kills);
            killed.Store.Step = killed.Archive.Step = death.Step;
            await Record.ExceptionAsync(() => killed.NewRetention(events).RunAsync(CancellationToken.None));
            killed.Store.Step = killed.Archive.Step = () => { };
            Assert.Null((await killed.VerifyAsync()).Finding);
            if (!death.HasCome) break;
        }
        Assert.InRange(kills, 2 * Enum.GetValues<LookupKey>().Length, int.MaxValue);
        Assert.Equal(expected.Store.Rows.Count, killed.Store.Rows.Count);
        Assert.Equal(DaysOf(expected, "log_"), DaysOf(killed, "log_"));
        Assert.Equal(expected.Archive.LogFiles.Count(), killed.Archive.LogFiles.Count());
    }

    [Fact]
    public async Task Without_an_audit_event_a_digest_that_says_so_or_a_digest_that_is_genuine_nothing_is_removed()
    {
        var trail = await FilledAsync();
        trail.Time.SetUtcNow(Events.Noon.AddDays(Days + 3));
        await trail.NewRetention(events).RunAsync(CancellationToken.None);
        Assert.Equal(4, DaysOf(trail, "EventId_").Count);

        await trail.SealUntilAsync(Events.Noon.AddDays(Days + 3));
        await Assert.ThrowsAsync<AuditUnavailableException>(() => trail.NewRetention(new RecordedEvents { IsDown = true }).RunAsync(CancellationToken.None));
        Assert.Equal(4, DaysOf(trail, "EventId_").Count);

        var newest = trail.Digests.Newest;
        trail.Digests.Digests[newest.Hour.Number] = newest with { Signature = new byte[32] };
        await Assert.ThrowsAsync<InvalidDataException>(() => trail.NewRetention(events).RunAsync(CancellationToken.None));
        Assert.Equal(4, DaysOf(trail, "EventId_").Count);
    }

    [Fact]
    public async Task A_day_that_is_removed_within_its_retention_is_found()
    {
        var trail = await FilledAsync();
        await trail.SealUntilAsync(Events.Noon.AddDays(Days + 1));
        await trail.NewRetention(events).RunAsync(CancellationToken.None);
        foreach (var (partition, key) in trail.Store.Rows.Where(row => row.Partition.EndsWith("_20260305", StringComparison.Ordinal))) trail.Store.Tamper(partition, key, null);

        var finding = (await trail.VerifyAsync()).Finding!;
        Assert.Equal((AuditFindingKind.RecordRemoved, Events.Noon.AddDays(1)), (finding.Kind, finding.Hour));
    }

    [Fact]
    public async Task With_a_retention_for_ever_nothing_is_removed()
    {
        var trail = await FilledAsync();
        trail.Options.RetentionDays = 0;
        await trail.SealUntilAsync(Events.Noon.AddDays(500));
        await trail.NewRetention(events).RunAsync(CancellationToken.None);

        Assert.Equal(4, DaysOf(trail, "EventId_").Count);
        Assert.Empty(events.All);
    }

    /// <summary>One record on each of four days, sealed.</summary>
    private static async Task<SealedTrail> FilledAsync()
    {
        var trail = new SealedTrail();
        trail.Options.RetentionDays = Days;
        for (var day = 0; day < 4; day++)
        {
            trail.Time.SetUtcNow(Events.Noon.AddDays(day));
            await trail.WriteAsync(Events.Decrypt(trail.Time.GetUtcNow()));
        }
        await trail.SealUntilAsync(Events.Noon.AddDays(3).AddHours(1));
        return trail;
    }

    private static List<DateOnly> DaysOf(SealedTrail trail, string prefix) =>
        [.. trail.Store.Rows.Where(row => row.Partition.StartsWith(prefix, StringComparison.Ordinal)).Select(row => AuditJournal.TryGetHour(row.Partition)?.Day ?? AuditPlace.TryGetDay(row.Partition)!.Value).Distinct().Order()];

    private sealed class RecordedEvents : IAuditTrail
    {
        public bool IsDown { get; init; }

        public List<AuditEvent> All { get; } = [];

        public ValueTask RecordAsync(AuditEvent auditEvent, CancellationToken cancellationToken)
        {
            if (IsDown) throw new AuditUnavailableException();
            All.Add(auditEvent);
            return ValueTask.CompletedTask;
        }
    }
}
