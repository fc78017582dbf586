using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

public sealed class AuditTrailTests : IAsyncDisposable
{
    private readonly MemoryAuditQueue queue = new();
    private readonly FakeTimeProvider time = new(Events.Noon);
    private readonly AuditTrail trail;

    public AuditTrailTests() => trail = new AuditTrail(queue, Events.Identity, time);

    public ValueTask DisposeAsync() => trail.DisposeAsync();

    [Fact]
    public async Task An_event_that_finds_the_trail_idle_is_sent_at_once_and_alone()
    {
        var auditEvent = Events.Decrypt();
        await trail.RecordAsync(auditEvent, CancellationToken.None);

        var record = Assert.Single(Records(Assert.Single(queue.Messages)));
        Assert.Equal(auditEvent.EventId, record.EventId);
        Assert.Equal(auditEvent.EventTime.UtcTicks, record.Ticks);
    }

    [Fact]
    public async Task Nothing_is_acknowledged_before_its_message_is_in_the_queue()
    {
        queue.Hold();
        var first = Record();
        var second = Record();
        var third = Record();

        Assert.Equal(1, queue.UnderWay);
        Assert.False(first.IsCompleted || second.IsCompleted || third.IsCompleted);

        queue.Release();
        await first;
        await WaitFor(() => queue.UnderWay == 1);
        Assert.False(second.IsCompleted || third.IsCompleted);

        queue.Release();
        await Task.WhenAll(second, third);
        Assert.Equal([1, 2], queue.Messages.Select(message => Records(message).Count));
    }

    [Fact]
    public async Task Events_that_arrive_during_a_send_share_the_messages_that_follow()
    {
        queue.Hold();
        var first = Record();
        Guid[] ids = [.. Enumerable.Range(0, 200).Select(_ => Guid.NewGuid())];
        var others = ids.AsParallel().Select(id => Record(Events.Decrypt() with { EventId = id })).ToArray();
        queue.ReleaseAll();
        await Task.WhenAll([first, .. others]);

        // About 45 of these events fit in a message.
        var recorded = queue.Messages.SelectMany(Records).Select(record => record.EventId).ToList();
        Assert.InRange(queue.Messages.Count, 2, 7);
        Assert.Equal(201, recorded.Count);
        Assert.Equal(ids.Order(), recorded.Intersect(ids).Order());
    }

    [Fact]
    public async Task Full_messages_are_sent_beside_each_other_and_the_one_that_fills_waits()
    {
        queue.Hold();
        Task[] records = [.. Enumerable.Range(0, AuditTrail.MaxSends + 3).Select(_ => Record(Events.OfSize(40_000)))];

        await WaitFor(() => queue.UnderWay == AuditTrail.MaxSends);
        queue.ReleaseAll();
        await Task.WhenAll(records);

        Assert.Equal(AuditTrail.MaxSends, queue.MostAtOnce);
        Assert.Equal(records.Length, queue.Messages.Count);
    }

    [Fact]
    public async Task A_failed_send_fails_its_waiters_and_nobody_else()
    {
        queue.Hold();
        var before = Record();
        var failing = Record();
        var alsoFailing = Record();
        queue.Release();
        await WaitFor(() => queue.UnderWay == 1);
        var after = Record();

        var cause = new IOException("the queue is down");
        queue.Fail(cause);
        Assert.Same(cause, (await Assert.ThrowsAsync<AuditUnavailableException>(() => failing)).InnerException);
        await Assert.ThrowsAsync<AuditUnavailableException>(() => alsoFailing);
        queue.ReleaseAll();
        await before;
        await after;
        Assert.Equal(2, queue.Messages.Count);
    }

    [Fact]
    public async Task A_waiter_that_gives_up_leaves_the_others_and_its_event_alone()
    {
        queue.Hold();
        var first = Record();
        using var impatience = new CancellationTokenSource();
        var impatient = trail.RecordAsync(Events.Decrypt(), impatience.Token).AsTask();
        var patient = Record();
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        queue.ReleaseAll();
        await first;
        await patient;
        Assert.Equal(2, Records(queue.Messages[1]).Count);
    }

    [Fact]
    public async Task Whoever_waits_for_a_queue_that_does_not_answer_waits_no_longer_than_the_limit()
    {
        queue.Hold();
        var first = Record();
        var second = Record();
        time.Advance(AuditTrail.LongestWait - TimeSpan.FromTicks(1));
        Assert.False(first.IsCompleted);

        time.Advance(TimeSpan.FromTicks(1));

        await Assert.ThrowsAsync<AuditUnavailableException>(() => first);
        await Assert.ThrowsAsync<AuditUnavailableException>(() => second);
        Assert.Empty(queue.Messages);
    }

    [Fact]
    public async Task After_a_failure_the_next_event_is_sent_as_if_nothing_had_happened()
    {
        queue.Hold();
        var failing = Record();
        queue.Fail(new IOException("the queue is down"));
        await Assert.ThrowsAsync<AuditUnavailableException>(() => failing);
        queue.ReleaseAll();

        await trail.RecordAsync(Events.Decrypt(), CancellationToken.None);
        Assert.Single(queue.Messages);
    }

    [Fact]
    public async Task More_events_than_may_wait_are_refused()
    {
        queue.Hold();
        Task[] taken = [.. Enumerable.Range(0, AuditTrail.MaxSends + AuditTrail.MaxWaiting).Select(_ => Record(Events.OfSize(40_000)))];

        await Assert.ThrowsAsync<AuditUnavailableException>(() => Record(Events.OfSize(40_000)));
        queue.ReleaseAll();
        await Task.WhenAll(taken);
    }

    [Fact]
    public async Task Disposing_waits_for_the_events_taken_and_takes_no_more()
    {
        var closing = new AuditTrail(queue, Events.Identity, time);
        queue.Hold();
        var first = closing.RecordAsync(Events.Decrypt(), CancellationToken.None).AsTask();
        var second = closing.RecordAsync(Events.Decrypt(), CancellationToken.None).AsTask();
        var disposal = closing.DisposeAsync().AsTask();

        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await closing.RecordAsync(Events.Decrypt(), CancellationToken.None));
        Assert.False(disposal.IsCompleted);
        queue.ReleaseAll();
        await disposal;
        await first;
        await second;
        Assert.Equal(2, queue.Messages.Count);
    }

    [Fact]
    public async Task An_idle_trail_is_disposed_of_at_once() =>
        await new AuditTrail(queue, Events.Identity, time).DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5));

    [Fact]
    public Task Events_of_every_size_arrive_whole_in_messages_that_the_queue_takes() =>
        Gen.Int[0, 60_000].Array[1, 30].SampleAsync(async sizes =>
        {
            var sink = new MemoryAuditQueue();
            await using var subject = new AuditTrail(sink, Events.Identity, time);
            sink.Hold();
            var events = sizes.Select(Events.OfSize).ToArray();
            var sends = events.Select(auditEvent => subject.RecordAsync(auditEvent, CancellationToken.None).AsTask()).ToArray();
            sink.ReleaseAll();
            await Task.WhenAll(sends);
            Assert.Equal(events.Select(auditEvent => auditEvent.EventId).Order(), sink.Messages.SelectMany(Records).Select(record => record.EventId).Order());
        }, iter: 50);

    private Task Record(AuditEvent? auditEvent = null)
    {
        try
        {
            return trail.RecordAsync(auditEvent ?? Events.Decrypt(), CancellationToken.None).AsTask();
        }
        catch (AuditUnavailableException refused)
        {
            return Task.FromException(refused);
        }
    }

    private static IReadOnlyList<AuditRecord> Records(string message)
    {
        var (records, malformed) = AuditMessage.Parse(message);
        Assert.Equal(0, malformed);
        Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(message).RootElement.ValueKind);
        return records;
    }

    private static async Task WaitFor(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 2000, "What was waited for did not happen.");
            await Task.Delay(5);
        }
    }
}
