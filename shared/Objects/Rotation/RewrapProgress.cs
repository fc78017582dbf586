namespace Serverless.Objects.Rotation;

/// <summary>What a complete pass came to.</summary>
/// <param name="Id">The pass's id.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="CompletedAt">When it had seen every object of every bucket.</param>
/// <param name="Seen">Objects, archived versions and uploads looked at.</param>
/// <param name="Rewrapped">Those whose keys are now under the current versions and were not.</param>
/// <param name="CustomerKeys">SSE-C objects, which only their owners could re-wrap.</param>
/// <param name="Failed">Those whose keys could not be opened, and the unreadable ones; the log names them.</param>
/// <param name="Unreadable">Those of which it cannot be said which keys they need.</param>
public sealed record RewrapResult(
    Guid Id, DateTimeOffset StartedAt, DateTimeOffset CompletedAt, long Seen, long Rewrapped, long CustomerKeys, long Failed, long Unreadable);

/// <summary>How far the present pass is, or the last one was; its counts are exact up to the page that it is at.</summary>
/// <param name="PassId">The pass's id.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="ProgressAt">When it last went on.</param>
/// <param name="CompletedAt">When it had seen everything; null while it goes on.</param>
/// <param name="Seen">As of <see cref="RewrapResult"/>, like the counts that follow.</param>
/// <param name="Left">How many objects are left, if there are as many as the pass before has seen; null where there was none.</param>
/// <param name="ObjectsPerSecond">How many it goes over in a second; the time between its runs does not count.</param>
/// <param name="TimeLeft">How long its runs will still last, by that rate; null where it cannot be said.</param>
public sealed record RewrapProgress(
    Guid PassId, DateTimeOffset StartedAt, DateTimeOffset ProgressAt, DateTimeOffset? CompletedAt, long Seen, long Rewrapped, long CustomerKeys, long Failed, long Unreadable,
    long? Left, double ObjectsPerSecond, TimeSpan? TimeLeft)
{
    public static RewrapProgress Of(RewrapNote note)
    {
        long? left = note.IsComplete ? 0 : note.Latest is { } before ? Math.Max(0, before.Seen - note.Seen) : null;
        var rate = note.Active > TimeSpan.Zero ? note.Seen / note.Active.TotalSeconds : 0;
        return new(
            note.PassId, note.StartedAt, note.ProgressAt, note.IsComplete ? note.Latest!.CompletedAt : null, note.Seen, note.Rewrapped, note.CustomerKeys, note.Failed, note.Unreadable,
            left, rate, left == 0 ? TimeSpan.Zero : left is { } objects && rate > 0 ? TimeSpan.FromSeconds(objects / rate) : null);
    }
}
