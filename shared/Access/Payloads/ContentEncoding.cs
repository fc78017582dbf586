namespace Serverless.Access;

/// <summary>The Content-Encoding of an upload.</summary>
public static class ContentEncoding
{
    /// <summary>
    /// What remains to be stored: <c>aws-chunked</c> is the transport's and goes, as S3 does
    /// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html).
    /// </summary>
    /// <returns>The other encodings in their order, or null where none is left.</returns>
    public static string? WithoutAwsChunked(string? header)
    {
        if (header is null || !header.Contains("aws-chunked", StringComparison.OrdinalIgnoreCase))
        {
            return string.IsNullOrWhiteSpace(header) ? null : header;
        }
        var kept = new List<string>(header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        kept.RemoveAll(encoding => encoding.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase));
        return kept.Count == 0 ? null : string.Join(",", kept);
    }
}
