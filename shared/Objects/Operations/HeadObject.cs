using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>HeadObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html): one read, and no key but the one that an SSE-C request carries.</summary>
public sealed class HeadObject(IObjectStore objects)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var customerKey = RequestedEncryption.ReadForReading(request.Headers, request.Caller.IsSecureTransport);
        var stored = await objects.FindAsync(bucket, request.Key, request.Aborted).ConfigureAwait(false)
            ?? throw new S3Exception(S3Errors.NoSuchKey(request.Key));
        DataKeyring.CheckCustomerKey(stored, customerKey, bucket, request.Key)?.Dispose();
        var description = stored.Description;
        if (ReadConditions.Answer(request, description)) return;

        ObjectResponse.WriteDescription(request.Response, description, customerKey?.Md5);
        request.Response.ContentLength = description.Length;
        var whole = true;
        if (ByteRange.Parse(request.Header("Range")) is { } range)
        {
            var (offset, count) = range.Resolve(description.Length) ?? throw new S3Exception(S3Errors.InvalidRange(range.Text, description.Length));
            whole = count == description.Length;
            request.Response.StatusCode = StatusCodes.Status206PartialContent;
            request.Response.ContentLength = count;
            request.Response.Headers.ContentRange = ObjectResponse.ContentRange(offset, count, description.Length);
        }
        if (whole && GetObject.WantsChecksum(request)) ObjectResponse.WriteChecksum(request.Response, description);
    }
}
