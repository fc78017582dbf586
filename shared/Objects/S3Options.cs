namespace Serverless.Objects;

/// <summary>The settings of section <c>S3</c>.</summary>
public sealed class S3Options
{
    public const string Section = "S3";

    /// <summary>Whether buckets created from now on refuse uploads with SSE-C, as AWS's do since 2026.</summary>
    public bool BlockSseCOnNewBuckets { get; set; } = true;

    /// <summary>The host names under which buckets have host names of their own, <c>bucket.domain</c>, separated by commas; empty: buckets are in the path only.</summary>
    public string Domain { get; set; } = "";

    internal IEnumerable<string> Domains => Domain.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether buckets created from now on block public access in all four ways, as AWS's do since 2023.</summary>
    public bool BlockPublicAccessOnNewBuckets { get; set; } = true;
}
