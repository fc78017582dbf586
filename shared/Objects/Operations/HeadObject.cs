using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Sse;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>HeadObject (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html): one read, and no key but the one that an SSE-C request carries.</summary>
public sealed class HeadObject(ObjectFinder finder)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var customerKey = RequestedEncryption.ReadForReading(request.Headers, request.Caller.IsSecureTransport);
        var wantedPart = UploadRequest.ReadWantedPart(request);
        // The parts are in the object's content.
        await using var open = wantedPart is null ? null : (await finder.OpenAsync(request, bucket, range: null).ConfigureAwait(false)).Open;
        var stored = open?.Object ?? (await finder.FindAsync(request, bucket).ConfigureAwait(false)).Object;
        DataKeyring.CheckCustomerKey(stored, customerKey, bucket, request.Key)?.Dispose();
        var description = stored.Description;
        if (ReadConditions.Answer(request, description)) return;

        ObjectResponse.WriteDescription(request.Response, description, customerKey?.Md5);
        VersionHeaders.Write(request.Response, bucket, description);
        var slice = wantedPart is { } number
            ? ObjectSlice.OfPart(description, description.PartsCount is null ? null : await ReadManifestAsync(open!.Content, request.Aborted).ConfigureAwait(false), number)
            : ObjectSlice.OfRange(description, ByteRange.Parse(request.Header("Range")));
        slice.Write(request.Response, description, GetObject.WantsChecksum(request));
    }

    private static async ValueTask<Manifest> ReadManifestAsync(Stream content, CancellationToken cancellationToken) =>
        ManifestContent.ReadUnverified((await ManifestContent.ReadBytesAsync(content, cancellationToken).ConfigureAwait(false)).Span);
}
