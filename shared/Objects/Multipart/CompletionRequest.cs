using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;

namespace Serverless.Objects.Multipart;

/// <summary>A part as the completing client lists it.</summary>
/// <param name="ETag">Without quotes.</param>
/// <param name="Checksum">The part's checksum; null where the client gives none.</param>
public sealed record ListedPart(int Number, string ETag, Checksum? Checksum);

/// <summary>What CompleteMultipartUpload asks for: the parts, in ascending order of their numbers, and what the object must come out as.</summary>
/// <param name="Checksum">The object's checksum as the client has it; a composite one may come without the number of parts. Null where it gives none.</param>
/// <param name="Type">The type that the checksum must be of, or null.</param>
/// <param name="Size">The object's length in bytes as the client has it, or null.</param>
public sealed record CompletionRequest(IReadOnlyList<ListedPart> Parts, Checksum? Checksum, ChecksumType? Type, long? Size)
{
    /// <summary>10,000 parts with their checksums, and white space between them.</summary>
    public const int MaxDocumentSize = 4 << 20;

    private const string SizeHeader = "x-amz-mp-object-size";

    private static readonly ChecksumAlgorithm[] Algorithms = Enum.GetValues<ChecksumAlgorithm>();

    /// <exception cref="S3Exception">MalformedXML, InvalidPartOrder, InvalidArgument, or a header that is no value.</exception>
    public static CompletionRequest Read(UploadId upload, XElement? document, IHeaderDictionary headers)
    {
        if (document?.Name.LocalName != "CompleteMultipartUpload") throw new S3Exception(S3Errors.MalformedXml);
        var parts = document.Elements().Select(ReadPart).ToList();
        if (parts.Count == 0) throw new S3Exception(S3Errors.MalformedXml);
        for (var i = 1; i < parts.Count; i++)
        {
            if (parts[i].Number <= parts[i - 1].Number) throw new S3Exception(MultipartErrors.InvalidPartOrder(upload));
        }
        var type = headers.TryGetValue(UploadChecksum.TypeHeader, out var types) ? UploadChecksum.ReadType(types.ToString()) : (ChecksumType?)null;
        return new(parts, ReadChecksum(headers), type, ReadSize(headers));
    }

    private static ListedPart ReadPart(XElement element)
    {
        if (element.Name.LocalName != "Part") throw new S3Exception(S3Errors.MalformedXml);
        string? number = null, etag = null;
        var checksums = new List<Checksum>();
        foreach (var child in element.Elements())
        {
            var (name, value) = (child.Name.LocalName, child.Value.Trim());
            if (name == "PartNumber" && number is null) number = value;
            else if (name == "ETag" && etag is null) etag = value.Trim('"');
            else if (name.StartsWith("Checksum", StringComparison.Ordinal) && Checksum.TryParseAlgorithm(name["Checksum".Length..], out var algorithm)) checksums.Add(new(algorithm, value));
            else throw new S3Exception(S3Errors.MalformedXml);
        }
        if (etag is null || !int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)) throw new S3Exception(S3Errors.MalformedXml);
        if (parsed < 1) throw new S3Exception(MultipartErrors.ListedPartNumber(number));
        if (checksums.Count > 1 || checksums.Any(checksum => !Checksum.IsWellFormed(checksum.Algorithm, checksum.Value)))
            throw new S3Exception(MultipartErrors.MalformedPartChecksum(string.Concat(checksums.Select(checksum => $"{checksum.Algorithm}:{checksum.Value};"))));
        return new(parsed, etag, checksums.SingleOrDefault());
    }

    private static Checksum? ReadChecksum(IHeaderDictionary headers)
    {
        Checksum? found = null;
        foreach (var algorithm in Algorithms)
        {
            var header = Checksum.HeaderOf(algorithm);
            if (!headers.TryGetValue(header, out var value)) continue;
            if (found is not null) throw new S3Exception(RequestedChecksum.OnlyOne);
            found = new(algorithm, value.ToString());
            var dash = found.Value.IndexOf('-', StringComparison.Ordinal);
            if (!Checksum.IsWellFormed(algorithm, dash < 0 ? found.Value : found.Value[..dash])
                || (dash >= 0 && !int.TryParse(found.Value.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
                throw new S3Exception(RequestedChecksum.Malformed(algorithm));
        }
        return found;
    }

    private static long? ReadSize(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(SizeHeader, out var value)) return null;
        return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size : throw new S3Exception(MultipartErrors.MalformedObjectSize(value.ToString()));
    }
}
