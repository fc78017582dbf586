using Serverless.Objects.Api;

namespace Serverless.Objects.Multipart;

/// <summary>The bytes of a source that UploadPartCopy takes: <c>bytes=first-last</c> and no other form (API_UploadPartCopy.html, and recorded answers).</summary>
public readonly record struct CopyRange(ByteRange Range)
{
    public const string Header = "x-amz-copy-source-range";

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static CopyRange Parse(string header) => header.StartsWith("bytes=", StringComparison.Ordinal) && ByteRange.Parse(header) is { First: not null, Last: not null } range
        ? new(range) : throw new S3Exception(MultipartErrors.CopyRangeForm(header));

    /// <summary>Offset and count in a source of <paramref name="length"/> bytes, which must have them all.</summary>
    /// <exception cref="S3Exception">InvalidRequest, InvalidArgument.</exception>
    public (long Offset, long Count) Resolve(long length)
    {
        var (first, last) = (Range.First!.Value, Range.Last!.Value);
        if (first >= length) throw new S3Exception(MultipartErrors.CopyRangeBehindEnd);
        if (last >= length) throw new S3Exception(MultipartErrors.CopyRangeTooLong(Range.Text, length));
        return (first, last - first + 1);
    }
}
