using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Permissions;
using Serverless.Objects.Sse;
using Serverless.Objects.Tags;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>HeadObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html): one read, and no key but the one that an SSE-C request carries.</summary>
public sealed class HeadObject(ObjectFinder finder, S3Authorizer authorizer)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var customerKey = RequestedEncryption.ReadForReading(request.Headers, request.Caller.IsSecureTransport);
        var wantedPart = UploadRequest.ReadWantedPart(request);
        // The parts are in the object's content.
        await using var open = wantedPart is null ? null : (await finder.OpenAsync(request, bucket, range: null).ConfigureAwait(false)).Open;
        var stored = open?.Object ?? (await finder.FindAsync(request, bucket).ConfigureAwait(false)).Object;
        var description = stored.Description;
        await authorizer.ConfirmAsync(S3Operation.HeadObject, request, bucket, description).ConfigureAwait(false);
        DataKeyring.CheckCustomerKey(stored, customerKey, bucket, request.Key)?.Dispose();
        if (ReadConditions.Answer(request, description)) return;

        ObjectResponse.WriteDescription(request.Response, description, customerKey?.Md5);
        await TagCount.WriteAsync(authorizer, request, bucket, description).ConfigureAwait(false);
        VersionHeaders.Write(request.Response, bucket, description);
        var slice = wantedPart is { } number
            ? ObjectSlice.OfPart(description, description.PartsCount is null ? null : await ManifestContent.ReadUnverifiedAsync(open!.Content, request.Aborted).ConfigureAwait(false), number)
            : ObjectSlice.OfRange(description, ByteRange.Parse(request.Header("Range")));
        slice.Write(request.Response, description, GetObject.WantsChecksum(request));
    }
}
