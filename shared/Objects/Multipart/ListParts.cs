using System.Xml.Linq;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;

namespace Serverless.Objects.Multipart;

/// <summary>ListParts (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html). It touches no key.</summary>
public sealed class ListParts(IUploadStore uploads, ServiceIdentity identity)
{
    /// <summary>How many parts are listed at once.</summary>
    public const int MaxPage = 1000;

    private const string MaxPartsParameter = "max-parts";
    private const string MarkerParameter = "part-number-marker";

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        var query = request.Signed.Target.Query;
        var maxParts = CountParameter.Read(query, MaxPartsParameter, MaxPage);
        CountParameter.Require(maxParts, MaxPartsParameter, 0, int.MaxValue);
        var marker = CountParameter.Read(query, MarkerParameter, 0);
        CountParameter.Require(marker, MarkerParameter, 0, int.MaxValue);
        using var customerKey = Sse.CustomerKey.ReadForReading(request.Headers, request.Caller.IsSecureTransport);

        var upload = await UploadRequest.FindAsync(uploads, request, bucket).ConfigureAwait(false);
        if (customerKey is not null) UploadRequest.CheckCustomerKey(upload, customerKey, bucket)?.Dispose();
        var limit = Math.Min(maxParts, MaxPage);
        // One more than is shown tells whether there are more.
        var parts = limit == 0 || marker >= Upload.MaxParts ? [] : await uploads.ListPartsAsync(upload.Id, marker, limit + 1, request.Aborted).ConfigureAwait(false);
        var page = parts.Take(limit).ToList();

        await S3Xml.WriteAsync(request.Response, S3Xml.Element("ListPartsResult",
            S3Xml.Element("Bucket", bucket.Name), S3Xml.Element("Key", upload.Key), S3Xml.Element("UploadId", upload.Id.Text),
            UploadXml.Initiator(upload, identity.AccountId), ListedXml.Owner(identity.AccountId), ListedXml.StorageClass,
            S3Xml.Element("PartNumberMarker", marker), S3Xml.Element("NextPartNumberMarker", page.Count == 0 ? 0 : page[^1].Number),
            S3Xml.Element("MaxParts", maxParts), S3Xml.Element("IsTruncated", parts.Count > limit),
            UploadXml.ChecksumOf(upload),
            page.Select(part => ToXml(part, upload.Checksum))), request.Aborted).ConfigureAwait(false);
    }

    private static XElement ToXml(UploadedPart part, UploadChecksum checksum) => S3Xml.Element("Part",
        S3Xml.Element("PartNumber", part.Number), S3Xml.Element("LastModified", S3Xml.Date(part.LastModified)),
        S3Xml.Element("ETag", $"\"{part.ETag}\""), S3Xml.Element("Size", part.Length),
        UploadXml.ChecksumOf(part, checksum));
}
