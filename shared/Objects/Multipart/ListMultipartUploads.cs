using System.Xml.Linq;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;

namespace Serverless.Objects.Multipart;

/// <summary>
/// ListMultipartUploads (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html): by key, and those of one key in the order in which they were begun.
/// As recorded, the markers of the next page are told even when there is none.
/// </summary>
public sealed class ListMultipartUploads(IUploadStore uploads, ServiceIdentity identity)
{
    private const int MaxPage = 1000;
    private const string MaxUploadsParameter = "max-uploads";
    private const string IdMarkerParameter = "upload-id-marker";

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        var query = request.Signed.Target.Query;
        var maxUploads = CountParameter.Read(query, MaxUploadsParameter, MaxPage);
        CountParameter.Require(maxUploads, MaxUploadsParameter, 0, int.MaxValue);
        var encoding = ListEncoding.Parse(query.Find("encoding-type"));
        var (prefix, delimiter, keyMarker, idMarker) = (query.Find("prefix"), query.Find("delimiter"), query.Find("key-marker") ?? "", query.Find(IdMarkerParameter) ?? "");
        var after = await ReadIdMarkerAsync(request, bucket, keyMarker, idMarker).ConfigureAwait(false);

        var page = await UploadPage.ReadAsync(uploads, bucket, new(prefix ?? "", delimiter ?? "", keyMarker, Math.Min(maxUploads, MaxPage)), after, request.Aborted)
            .ConfigureAwait(false);
        var last = page.IsTruncated ? page.Entries[^1] : page.Entries.LastOrDefault(entry => entry.Upload is not null);
        await S3Xml.WriteAsync(request.Response, S3Xml.Element("ListMultipartUploadsResult",
            S3Xml.Element("Bucket", bucket.Name),
            S3Xml.Element("KeyMarker", encoding.Write(keyMarker)), S3Xml.Element("UploadIdMarker", idMarker),
            S3Xml.Element("NextKeyMarker", encoding.Write(last?.Key ?? "")), S3Xml.Element("NextUploadIdMarker", last?.Upload?.Id.Text ?? ""),
            string.IsNullOrEmpty(prefix) ? null : S3Xml.Element("Prefix", encoding.Write(prefix)),
            string.IsNullOrEmpty(delimiter) ? null : S3Xml.Element("Delimiter", encoding.Write(delimiter)),
            S3Xml.Element("MaxUploads", maxUploads),
            encoding.Type is { } type ? S3Xml.Element("EncodingType", type) : null,
            S3Xml.Element("IsTruncated", page.IsTruncated),
            page.Entries.Where(entry => entry.Upload is not null).Select(entry => ToXml(entry.Upload!, encoding)),
            page.Entries.Where(entry => entry.Upload is null).Select(entry => S3Xml.Element("CommonPrefixes", S3Xml.Element("Prefix", encoding.Write(entry.Key))))),
            request.Aborted).ConfigureAwait(false);
    }

    /// <summary>The upload to go on behind, which must be of the marker's key; without one the id counts for nothing.</summary>
    /// <exception cref="S3Exception">InvalidArgument: no upload of that key has, or lately had, that id.</exception>
    private async ValueTask<UploadId?> ReadIdMarkerAsync(S3Request request, Bucket bucket, string keyMarker, string idMarker)
    {
        if (keyMarker.Length == 0 || idMarker.Length == 0) return null;
        return UploadId.TryParse(idMarker, out var id) && await uploads.IsKnownAsync(bucket.Container, keyMarker, id, request.Aborted).ConfigureAwait(false)
            ? id : throw new S3Exception(S3Errors.InvalidArgument("Invalid uploadId marker", IdMarkerParameter, idMarker));
    }

    private XElement ToXml(Upload upload, ListEncoding encoding) => S3Xml.Element("Upload",
        S3Xml.Element("Key", encoding.Write(upload.Key)), S3Xml.Element("UploadId", upload.Id.Text),
        UploadXml.Initiator(upload, identity.AccountId), ListedXml.Owner(identity.AccountId), ListedXml.StorageClass,
        S3Xml.Element("Initiated", S3Xml.Date(upload.Initiated)), UploadXml.ChecksumOf(upload));
}
