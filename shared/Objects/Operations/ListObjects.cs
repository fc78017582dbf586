using System.Xml.Linq;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>
/// ListObjects and ListObjectsV2 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html, API_ListObjectsV2.html). They touch no key. Without <c>encoding-type=url</c>, characters
/// that XML 1.0 cannot carry are written as references all the same, as S3 does.
/// </summary>
public sealed class ListObjects(IObjectStore objects, ServiceIdentity identity)
{
    public async Task HandleAsync(S3Request request, Bucket bucket, bool isV2)
    {
        var asked = ListObjectsRequest.Read(request.Signed.Target.Query, bucket, isV2);
        var page = await ListingPage.ReadAsync(objects, bucket, asked.Query, request.Aborted).ConfigureAwait(false);

        request.Response.Headers["x-amz-bucket-region"] = bucket.Region;
        var encoding = asked.Encoding;
        await S3Xml.WriteAsync(request.Response, S3Xml.Element("ListBucketResult",
            S3Xml.Element("Name", bucket.Name),
            S3Xml.Element("Prefix", encoding.Write(asked.Query.Prefix)),
            isV2 ? PositionV2(asked, bucket, page) : PositionV1(asked, page),
            S3Xml.Element("MaxKeys", asked.MaxKeys),
            asked.Query.Delimiter.Length > 0 ? S3Xml.Element("Delimiter", encoding.Write(asked.Query.Delimiter)) : null,
            encoding.Type is { } type ? S3Xml.Element("EncodingType", type) : null,
            S3Xml.Element("IsTruncated", page.IsTruncated),
            page.Entries.Where(entry => !entry.IsCommonPrefix).Select(entry => Contents(entry, asked)),
            page.Entries.Where(entry => entry.IsCommonPrefix).Select(entry => S3Xml.Element("CommonPrefixes", S3Xml.Element("Prefix", encoding.Write(entry.Key))))),
            request.Aborted).ConfigureAwait(false);
    }

    private static XElement?[] PositionV1(ListObjectsRequest asked, ListingPage page) =>
    [
        S3Xml.Element("Marker", asked.Encoding.Write(asked.Marker)),
        // Without a delimiter the last key is the marker (API_ListObjects.html, NextMarker).
        page.Next is { } next && asked.Query.Delimiter.Length > 0 ? S3Xml.Element("NextMarker", asked.Encoding.Write(next)) : null,
    ];

    private static XElement?[] PositionV2(ListObjectsRequest asked, Bucket bucket, ListingPage page) =>
    [
        asked.StartAfter is { } startAfter ? S3Xml.Element("StartAfter", asked.Encoding.Write(startAfter)) : null,
        asked.ContinuationToken is { } token ? S3Xml.Element("ContinuationToken", token) : null,
        page.Next is { } next ? S3Xml.Element("NextContinuationToken", ListObjectsRequest.Token(bucket, next)) : null,
        S3Xml.Element("KeyCount", page.Entries.Count),
    ];

    private XElement Contents(ListedObject listed, ListObjectsRequest asked)
    {
        var description = listed.Object?.Description;
        return S3Xml.Element("Contents",
            S3Xml.Element("Key", asked.Encoding.Write(listed.Key)),
            S3Xml.Element("LastModified", S3Xml.Date(description?.LastModified ?? listed.StoredAt)),
            ListedXml.Data(description),
            asked.WithOwner ? ListedXml.Owner(identity.AccountId) : null,
            ListedXml.StorageClass);
    }
}
