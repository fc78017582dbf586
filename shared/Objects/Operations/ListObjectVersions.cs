using System.Xml.Linq;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>ListObjectVersions (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html). It touches no key, and lists a bucket that never had versioning, too: its versions are all <c>null</c>.</summary>
public sealed class ListObjectVersions(VersionListing listing, ServiceIdentity identity)
{
    private const int MaxPage = 1000;
    private const string IdMarkerParameter = "version-id-marker";

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        var query = request.Signed.Target.Query;
        var maxKeys = CountParameter.Read(query, "max-keys", MaxPage);
        CountParameter.Require(maxKeys, "maxKeys", 0, int.MaxValue);
        var (prefix, delimiter, keyMarker, idMarker) = (query.Find("prefix") ?? "", query.Find("delimiter") ?? "", query.Find("key-marker") ?? "", query.Find(IdMarkerParameter));
        var behind = ReadIdMarker(keyMarker, idMarker);
        var encoding = ListEncoding.Parse(query.Find("encoding-type"));

        var (entries, isTruncated) = await listing.ReadAsync(bucket, new(prefix, delimiter, keyMarker, Math.Min(maxKeys, MaxPage)), behind, request.Aborted).ConfigureAwait(false);
        var last = isTruncated ? entries[^1] : null;
        await S3Xml.WriteAsync(request.Response, S3Xml.Element("ListVersionsResult",
            S3Xml.Element("Name", bucket.Name), S3Xml.Element("Prefix", encoding.Write(prefix)),
            S3Xml.Element("KeyMarker", encoding.Write(keyMarker)), S3Xml.Element("VersionIdMarker", idMarker ?? ""),
            last is null ? null : S3Xml.Element("NextKeyMarker", encoding.Write(last.Key)),
            last?.Id is null ? null : S3Xml.Element("NextVersionIdMarker", last.Marker),
            S3Xml.Element("MaxKeys", maxKeys),
            delimiter.Length > 0 ? S3Xml.Element("Delimiter", encoding.Write(delimiter)) : null,
            encoding.Type is { } type ? S3Xml.Element("EncodingType", type) : null,
            S3Xml.Element("IsTruncated", isTruncated),
            entries.Where(entry => entry.Id is not null).Select(entry => entry.Archived is { IsMarker: true } ? Marker(entry, encoding) : Version(entry, encoding)),
            entries.Where(entry => entry.Id is null).Select(entry => S3Xml.Element("CommonPrefixes", S3Xml.Element("Prefix", encoding.Write(entry.Key))))),
            request.Aborted).ConfigureAwait(false);
    }

    /// <exception cref="S3Exception">InvalidArgument: it is no version's id, or of no key.</exception>
    private static VersionId? ReadIdMarker(string keyMarker, string? idMarker)
    {
        if (idMarker is null) return null;
        if (keyMarker.Length == 0) throw new S3Exception(S3Errors.InvalidArgument("A version-id marker cannot be specified without a key marker.", IdMarkerParameter, idMarker));
        if (idMarker.Length == 0) throw new S3Exception(S3Errors.InvalidArgument("A version-id marker cannot be empty.", IdMarkerParameter, idMarker));
        return VersionId.Parse(idMarker, IdMarkerParameter);
    }

    private XElement Version(VersionEntry entry, ListEncoding encoding)
    {
        var description = entry.Object?.Description;
        return S3Xml.Element("Version",
            ListedXml.Data(description), ListedXml.StorageClass,
            Identification(entry, encoding, description?.LastModified ?? entry.StoredAt));
    }

    private XElement Marker(VersionEntry entry, ListEncoding encoding) =>
        S3Xml.Element("DeleteMarker", Identification(entry, encoding, entry.Archived!.Name!.Value.Rank.Time));

    private XElement[] Identification(VersionEntry entry, ListEncoding encoding, DateTimeOffset lastModified) =>
    [
        S3Xml.Element("Key", encoding.Write(entry.Key)), S3Xml.Element("VersionId", entry.Id.ToString()), S3Xml.Element("IsLatest", entry.IsLatest),
        S3Xml.Element("LastModified", S3Xml.Date(lastModified)), ListedXml.Owner(identity.AccountId),
    ];
}
