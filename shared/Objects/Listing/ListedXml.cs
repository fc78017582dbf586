using System.Xml.Linq;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;
using Serverless.Objects.Store;

namespace Serverless.Objects.Listing;

/// <summary>What the listings tell alike.</summary>
internal static class ListedXml
{
    public static XElement StorageClass => S3Xml.Element("StorageClass", "STANDARD");

    public static XElement Owner(string accountId) => S3Xml.Element("Owner", S3Xml.Element("ID", CanonicalUser.IdOf(accountId)));

    /// <summary>What is told of an object's data. A damaged object is listed so that it can be deleted; of what it was, nothing is known.</summary>
    public static XElement?[] Data(ObjectDescription? description)
    {
        var checksum = description?.Checksum;
        return
        [
            S3Xml.Element("ETag", $"\"{description?.ETag}\""),
            checksum is null ? null : S3Xml.Element("ChecksumAlgorithm", checksum.Algorithm),
            checksum is null ? null : S3Xml.Element("ChecksumType", Checksum.NameOf(checksum.Type)),
            S3Xml.Element("Size", description?.Length ?? 0),
        ];
    }
}
