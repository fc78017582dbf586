using Microsoft.AspNetCore.Http;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Versions;

/// <summary>The headers that name versions in answers. A bucket that never had versioning answers with none of them, and a copy names no null version that it was made of (recorded).</summary>
public static class VersionHeaders
{
    public const string VersionId = "x-amz-version-id";
    public const string DeleteMarker = "x-amz-delete-marker";

    private const string CopySource = "x-amz-copy-source-version-id";

    /// <summary>The object's version, unless the answer has begun while the object was still being written.</summary>
    public static void Write(HttpResponse response, Bucket bucket, ObjectDescription description)
    {
        if (bucket.HasVersions && !response.HasStarted) response.Headers[VersionId] = description.VersionId.ToString();
    }

    public static void WriteCopySource(HttpResponse response, ObjectDescription source)
    {
        if (!source.VersionId.IsNull) response.Headers[CopySource] = source.VersionId.ToString();
    }
}
