namespace Serverless.Keys;

/// <summary>Section <c>BucketKeys</c> of the settings.</summary>
public sealed class BucketKeyOptions
{
    public const int MaxLifetimeSeconds = 300;

    /// <summary>How long the requests of a principal share a bucket key, in seconds; 0: not at all.</summary>
    public int LifetimeSeconds { get; set; } = 60;
}
