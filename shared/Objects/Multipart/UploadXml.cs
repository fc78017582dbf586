using System.Xml.Linq;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;

namespace Serverless.Objects.Multipart;

/// <summary>What the answers about uploads and their parts tell alike.</summary>
internal static class UploadXml
{
    private const string User = ":user/";

    /// <summary>An initiator is named by its ARN, but the account's root as an owner is (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Initiator.html).</summary>
    public static XElement Initiator(Upload upload, string accountId)
    {
        var user = upload.Initiator.IndexOf(User, StringComparison.Ordinal);
        return S3Xml.Element("Initiator",
            S3Xml.Element("ID", user < 0 ? CanonicalUser.IdOf(accountId) : upload.Initiator),
            S3Xml.Element("DisplayName", user < 0 ? "root" : upload.Initiator[(upload.Initiator.LastIndexOf('/') + 1)..]));
    }

    /// <summary>A part's checksum, where the upload was begun with one.</summary>
    public static XElement? ChecksumOf(UploadedPart part, UploadChecksum checksum) =>
        checksum.Requested ? S3Xml.Element(new Checksum(checksum.Algorithm, part.Checksum).Element, part.Checksum) : null;

    public static XElement?[] ChecksumOf(Upload upload) => upload.Checksum.Requested
        ? [S3Xml.Element("ChecksumAlgorithm", upload.Checksum.Algorithm), S3Xml.Element("ChecksumType", Checksum.NameOf(upload.Checksum.Type))] : [];
}
