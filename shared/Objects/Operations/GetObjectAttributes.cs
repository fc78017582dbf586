using System.Xml.Linq;
using Microsoft.Net.Http.Headers;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Listing;
using Serverless.Objects.Multipart;
using Serverless.Objects.Permissions;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>
/// GetObjectAttributes (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html): what HeadObject and ListParts tell, as a document. One read, and no key but the one that an SSE-C request carries.
/// </summary>
public sealed class GetObjectAttributes(ObjectFinder finder, S3Authorizer authorizer)
{
    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var customerKey = RequestedEncryption.ReadForReading(request.Headers, request.Caller.IsSecureTransport);
        var wanted = WantedAttributes.Read(request);
        // The parts are in the object's content.
        await using var open = wanted.Has(WantedAttributes.Parts) ? (await finder.OpenAsync(request, bucket, range: null).ConfigureAwait(false)).Open : null;
        var stored = open?.Object ?? (await finder.FindAsync(request, bucket).ConfigureAwait(false)).Object;
        var description = stored.Description;
        await authorizer.ConfirmAsync(S3Operation.GetObjectAttributes, request, bucket, description).ConfigureAwait(false);
        DataKeyring.CheckCustomerKey(stored, customerKey, bucket, request.Key)?.Dispose();

        var parts = open is null || description.PartsCount is null ? null : ToXml(wanted, description, await ManifestContent.ReadUnverifiedAsync(open.Content, request.Aborted).ConfigureAwait(false));
        VersionHeaders.Write(request.Response, bucket, description);
        request.Response.Headers.LastModified = HeaderUtilities.FormatDate(description.LastModified);
        await S3Xml.WriteAsync(request.Response, S3Xml.Element("GetObjectAttributesResponse",
            wanted.Has(WantedAttributes.ETag) ? S3Xml.Element(WantedAttributes.ETag, description.ETag) : null,
            wanted.Has(WantedAttributes.Checksum) && description.Checksum is { } checksum ? ToXml(checksum) : null,
            parts,
            wanted.Has(WantedAttributes.StorageClass) ? ListedXml.StorageClass : null,
            wanted.Has(WantedAttributes.Size) ? S3Xml.Element(WantedAttributes.Size, description.Length) : null), request.Aborted).ConfigureAwait(false);
    }

    /// <summary>Unlike in a header, the number of parts is not behind a composite checksum (seen of AWS).</summary>
    private static XElement ToXml(Checksum checksum) => S3Xml.Element(WantedAttributes.Checksum,
        S3Xml.Element(checksum.Element, checksum.Value.Split('-')[0]), S3Xml.Element("ChecksumType", Checksum.NameOf(checksum.Type)));

    /// <summary>S3 lists the parts only of an object whose checksum is made of theirs; of any other it tells how many they are.</summary>
    private static XElement ToXml(WantedAttributes wanted, ObjectDescription description, Manifest manifest)
    {
        var count = S3Xml.Element("PartsCount", manifest.Parts.Count);
        if (description.Checksum is not { Type: ChecksumType.Composite } checksum) return S3Xml.Element(WantedAttributes.Parts, count);
        var behind = manifest.Parts.Where(part => part.Number > wanted.PartNumberMarker).ToList();
        var page = behind.Take(Math.Min(wanted.MaxParts, ListParts.MaxPage)).ToList();
        return S3Xml.Element(WantedAttributes.Parts, count,
            S3Xml.Element("PartNumberMarker", wanted.PartNumberMarker), S3Xml.Element("NextPartNumberMarker", page.Count == 0 ? 0 : page[^1].Number),
            S3Xml.Element("MaxParts", wanted.MaxParts), S3Xml.Element("IsTruncated", page.Count > 0 && page.Count < behind.Count),
            page.Select(part => S3Xml.Element("Part", S3Xml.Element("PartNumber", part.Number), S3Xml.Element("Size", part.Length),
                part.Checksum is { } value ? S3Xml.Element(checksum.Element, value) : null)));
    }
}
