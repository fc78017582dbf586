using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Multipart;

/// <summary>
/// AbortMultipartUpload (https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html). It needs no key. The parts' data are deleted by the reclaiming timer, when no completion
/// that has seen the upload can be under way any more.
/// </summary>
public sealed class AbortMultipartUpload(IUploadStore uploads, TimeProvider time)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        // Its keys may be wrapped anew in between.
        while (!await uploads.EndAsync(await UploadRequest.FindAsync(uploads, request, bucket).ConfigureAwait(false), time.GetUtcNow(), request.Aborted).ConfigureAwait(false))
        {
        }
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
