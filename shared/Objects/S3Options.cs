namespace Serverless.Objects;

/// <summary>The settings of section <c>S3</c>.</summary>
public sealed class S3Options
{
    public const string Section = "S3";

    /// <summary>Whether buckets created from now on refuse uploads with SSE-C, as AWS's do since 2026.</summary>
    public bool BlockSseCOnNewBuckets { get; set; } = true;

    /// <summary>Whether buckets created from now on block public access in all four ways, as AWS's do since 2023.</summary>
    public bool BlockPublicAccessOnNewBuckets { get; set; } = true;
}
