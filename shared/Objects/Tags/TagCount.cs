using System.Globalization;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tags;

/// <summary>How many tags an object has, as a GET or HEAD tells whoever may read them (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, x-amz-tagging-count).</summary>
internal static class TagCount
{
    public static async ValueTask WriteAsync(S3Authorizer authorizer, S3Request request, Bucket bucket, ObjectDescription description)
    {
        if (description.Tags is not { Count: > 0 } tags || !await authorizer.AllowsAsync(S3Operation.GetObjectTagging, request, bucket, description).ConfigureAwait(false)) return;
        request.Response.Headers["x-amz-tagging-count"] = tags.Count.ToString(CultureInfo.InvariantCulture);
    }
}
