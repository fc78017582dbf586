namespace Serverless.Objects.Rotation;

/// <summary>What a pass is going over.</summary>
public enum RewrapStage
{
    /// <summary>The uploads in progress, of all buckets. They come first: one that is completed later has taken its keys from here.</summary>
    Uploads,

    /// <summary>A bucket's current objects.</summary>
    Objects,

    /// <summary>The same bucket's archived versions: what ceases to be current has been archived by then.</summary>
    Archive,

    /// <summary>The bucket is done, and those before it.</summary>
    BucketDone,

    /// <summary>All is done.</summary>
    End,
}

/// <summary>The page that a pass is at.</summary>
/// <param name="Stage">What it is of.</param>
/// <param name="Bucket">The bucket's name; empty among the uploads, and before the first bucket.</param>
/// <param name="PageToken">The store's token of the page, or the name of the upload before it; null for the stage's first.</param>
public sealed record RewrapPosition(RewrapStage Stage, string Bucket, string? PageToken)
{
    public static RewrapPosition First { get; } = new(RewrapStage.Uploads, "", null);

    public static RewrapPosition FirstBucket { get; } = new(RewrapStage.BucketDone, "", null);

    public static RewrapPosition End { get; } = new(RewrapStage.End, "", null);
}

/// <summary>What is counted together: a bucket's objects and archived versions, or its uploads.</summary>
public sealed record RewrapSection(string Bucket, bool IsUploads);
