namespace Serverless.Objects.Buckets;

/// <summary>What becomes of an object that is overwritten or deleted (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html).</summary>
public enum BucketVersioning
{
    /// <summary>It is gone; and so it was always in this bucket. A bucket that has left this state never comes back to it.</summary>
    Unversioned,

    /// <summary>It is kept, under a version id of its own.</summary>
    Enabled,

    /// <summary>It is kept if it was written while versioning was enabled. What is written now is the version <c>null</c>, instead of any other of that id.</summary>
    Suspended,
}
