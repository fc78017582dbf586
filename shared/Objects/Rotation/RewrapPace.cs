namespace Serverless.Objects.Rotation;

/// <summary>Holds a run to a number of objects in a second: each has its turn, at the earliest one interval after the one before.</summary>
/// <param name="maxPerSecond">0: there is no limit.</param>
internal sealed class RewrapPace(int maxPerSecond, TimeProvider time)
{
    private long turn = time.GetTimestamp();

    /// <summary>Waits for the next turn. What was not used in time is not made up for.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (maxPerSecond == 0) return;
        var now = time.GetTimestamp();
        turn = Math.Max(turn, now);
        var wait = time.GetElapsedTime(now, turn);
        turn += time.TimestampFrequency / maxPerSecond;
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
    }
}
