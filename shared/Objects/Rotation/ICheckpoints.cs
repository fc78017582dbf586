namespace Serverless.Objects.Rotation;

/// <summary>Where long passes note how far they are, so that the next run goes on there.</summary>
public interface ICheckpoints
{
    /// <summary>The pass's last note, or null.</summary>
    ValueTask<RewrapProgress?> ReadAsync(string pass, CancellationToken cancellationToken);

    /// <summary>When this returns, the note is durable.</summary>
    ValueTask WriteAsync(string pass, RewrapProgress progress, CancellationToken cancellationToken);
}

/// <summary>How far a re-wrap pass is. When <see cref="CompletedAt"/> is set, it is the last pass's result, and the next run begins a new one.</summary>
/// <param name="StartedAt">When the pass began.</param>
/// <param name="Bucket">The bucket that it is in; null before the first.</param>
/// <param name="PageToken">The page that it is at; null for the bucket's first.</param>
/// <param name="Seen">Objects looked at.</param>
/// <param name="Rewrapped">Objects whose keys are now under the current versions and were not.</param>
/// <param name="CustomerKeys">SSE-C objects, which only their owners could re-wrap.</param>
/// <param name="Failed">Objects whose keys could not be opened; the log names them.</param>
/// <param name="CompletedAt">When the pass had seen every object of every bucket.</param>
/// <param name="InArchive">Whether the page is one of the bucket's archived versions, which come behind its current objects.</param>
public sealed record RewrapProgress(
    DateTimeOffset StartedAt, string? Bucket, string? PageToken, long Seen, long Rewrapped, long CustomerKeys, long Failed, DateTimeOffset? CompletedAt, bool InArchive = false);
