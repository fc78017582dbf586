using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>DeleteObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html).</summary>
public sealed class DeleteObject(ObjectDeletion deletion)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        foreach (var header in (ReadOnlySpan<string>)["x-amz-if-match-last-modified-time", "x-amz-if-match-size"])
        {
            // Directory buckets alone have these (recorded).
            if (request.Header(header) is not null) throw new S3Exception(S3Errors.HeaderNotImplemented(header));
        }
        var outcome = await deletion.RunAsync(request, bucket, request.Header(HeaderNames.IfMatch), request.Aborted).ConfigureAwait(false);
        if (outcome.Version is { } version) request.Response.Headers[VersionHeaders.VersionId] = version.ToString();
        if (outcome.IsMarker) request.Response.Headers[VersionHeaders.DeleteMarker] = "true";
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
