using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Serverless.Objects.Rotation;

/// <summary>
/// Goes over everything that has wrapped keys, brings them under the current versions of their wrapping keys, and counts which versions it has found in use. It may be cut short at any step: what is noted
/// before a page is changed lets the next run count it as it was. Of several runs at once one goes on; the others find that the note is not theirs before they have changed anything that is not noted.
/// </summary>
public sealed class RewrapPass(RewrapPages pages, ObjectRewrap rewrap, IRewrapStore store, IOptions<RewrapOptions> options, TimeProvider time, ILogger<RewrapPass> logger)
{
    /// <summary>A run ends before the host's limit for a function (host.json, functionTimeout: 10 minutes) and the next one goes on.</summary>
    private static readonly TimeSpan RunTime = TimeSpan.FromMinutes(8);

    /// <summary>Goes on with the pass that was begun, or begins one, until it is complete or the run's time is over.</summary>
    public async Task<RewrapProgress> RunAsync(CancellationToken cancellationToken)
    {
        var run = new Run(time.GetUtcNow(), new(options.Value.RewrapMaxObjectsPerSecond, time));
        var note = await store.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (note is null or { IsComplete: true })
        {
            if (note?.Outdated is { } outdated) await store.ForgetAsync(outdated, cancellationToken).ConfigureAwait(false);
            note = RewrapNote.Begin(note, run.StartedAt);
        }
        else if (note.Finished is { } finished)
        {
            await store.FileAsync(note.PassId, finished, cancellationToken).ConfigureAwait(false);
        }

        var isLast = await GoOnAsync(note, run, cancellationToken).ConfigureAwait(false) && await CompleteAsync(note, run, cancellationToken).ConfigureAwait(false);
        if (isLast) logger.LogInformation("Re-wrap pass {Id} complete: {Seen} objects, {Rewrapped} re-wrapped, {Failed} failed.", note.PassId, note.Seen, note.Rewrapped, note.Failed);
        return RewrapProgress.Of(note);
    }

    /// <summary>Whether everything is seen: not when the time is over, or another run has gone on.</summary>
    private async ValueTask<bool> GoOnAsync(RewrapNote note, Run run, CancellationToken cancellationToken)
    {
        await foreach (var page in pages.ListAsync(note.Position, RewrapScope.All, cancellationToken).ConfigureAwait(false))
        {
            note.Enter(page.Section ?? note.Section);
            note.Position = page.Position;
            var listed = page.Entries.Select(entry => (Entry: entry, References: ObjectReferences.Of(entry.Object))).ToList();
            foreach (var (entry, references) in listed) note.Expect(entry.Name, references);
            if (!await NoteAsync(note, run, cancellationToken).ConfigureAwait(false)) return false;

            foreach (var (entry, references) in listed)
            {
                // The page is noted: the next run goes on within it.
                if (run.HasBegun && IsOver(run)) return false;
                var outcome = await rewrap.RunAsync(entry, run.Refused, cancellationToken).ConfigureAwait(false);
                note.Settle(entry.Name, references, outcome);
                run.HasBegun |= outcome.IsRewrapped;
                if (outcome.IsRewrapped) await run.Pace.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            note.Position = page.Next;
            if (IsOver(run))
            {
                await NoteAsync(note, run, cancellationToken).ConfigureAwait(false);
                return false;
            }
        }
        return true;
    }

    private async ValueTask<bool> CompleteAsync(RewrapNote note, Run run, CancellationToken cancellationToken)
    {
        note.Enter(null);
        note.Position = RewrapPosition.End;
        if (!await NoteAsync(note, run, cancellationToken).ConfigureAwait(false)) return false;
        note.Complete(time.GetUtcNow());
        return await NoteAsync(note, run, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes how far the pass is, and files the section that is finished, of which the next note will not tell. False when another run has gone on.</summary>
    private async ValueTask<bool> NoteAsync(RewrapNote note, Run run, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        note.Active += now > run.NotedAt ? now - run.NotedAt : TimeSpan.Zero;
        note.ProgressAt = run.NotedAt = now;
        if (!await store.TryWriteAsync(note, cancellationToken).ConfigureAwait(false))
        {
            logger.LogInformation("Another run goes on with the re-wrap pass {Id}.", note.PassId);
            return false;
        }
        if (note.Finished is { } finished) await store.FileAsync(note.PassId, finished, cancellationToken).ConfigureAwait(false);
        note.Finished = null;
        RewrapMetrics.Report(RewrapProgress.Of(note), now);
        return true;
    }

    private bool IsOver(Run run) => time.GetUtcNow() >= run.StartedAt + RunTime;

    private sealed class Run(DateTimeOffset startedAt, RewrapPace pace)
    {
        public DateTimeOffset StartedAt { get; } = startedAt;

        public DateTimeOffset NotedAt { get; set; } = startedAt;

        public RewrapPace Pace { get; } = pace;

        public bool HasBegun { get; set; }

        public HashSet<string> Refused { get; } = new(StringComparer.Ordinal);
    }
}
