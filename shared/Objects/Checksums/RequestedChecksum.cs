using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;

namespace Serverless.Objects.Checksums;

/// <summary>
/// The checksum that a write is to be verified by and stored with
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html).
/// </summary>
/// <param name="Algorithm">Which; the default where the client names none.</param>
/// <param name="Expected">The value in the header; null where there is none, or where it comes as a trailer.</param>
/// <param name="InTrailer">Whether the value comes as a trailer.</param>
public sealed record RequestedChecksum(ChecksumAlgorithm Algorithm, string? Expected, bool InTrailer)
{
    private const string AlgorithmHeader = "x-amz-sdk-checksum-algorithm";
    private const string TrailerHeader = "x-amz-trailer";

    private static readonly ChecksumAlgorithm[] All = Enum.GetValues<ChecksumAlgorithm>();

    public static S3Error OnlyOne { get; } = S3Errors.InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");

    /// <summary>Whether the client sends a value, rather than leaving it to S3 to compute one.</summary>
    public bool IsSent => Expected is not null || InTrailer;

    /// <param name="headers">The request's headers.</param>
    /// <param name="byDefault">What to compute where the client sends nothing; for objects S3 takes CRC64NVME.</param>
    /// <exception cref="S3Exception">Several checksums, a value that is none, or an algorithm that is named without a value.</exception>
    public static RequestedChecksum Read(IHeaderDictionary headers, ChecksumAlgorithm byDefault = ChecksumAlgorithm.CRC64NVME)
    {
        RequestedChecksum? requested = null;
        foreach (var algorithm in All)
        {
            var header = Checksum.HeaderOf(algorithm);
            var value = headers.TryGetValue(header, out var values) ? values.ToString() : null;
            var inTrailer = headers.TryGetValue(TrailerHeader, out var trailer) && trailer.ToString().Contains(header, StringComparison.OrdinalIgnoreCase)
                && trailer.ToString().Split(',').Any(name => name.Trim().Equals(header, StringComparison.OrdinalIgnoreCase));
            if (value is null && !inTrailer) continue;
            if (requested is not null || (value is not null && inTrailer))
                throw new S3Exception(OnlyOne);
            if (value is not null) CheckForm(algorithm, value);
            requested = new(algorithm, value, inTrailer);
        }

        var named = headers.TryGetValue(AlgorithmHeader, out var name) ? name.ToString() : null;
        if (named is not null && !Checksum.TryParseAlgorithm(named, out _)) throw new S3Exception(S3Errors.UnsupportedChecksum);
        if (named is not null && requested is null)
            throw new S3Exception(S3Errors.InvalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."));
        if (named is not null && !named.Equals(requested!.Algorithm.ToString(), StringComparison.OrdinalIgnoreCase))
            throw new S3Exception(S3Errors.InvalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid."));
        return requested ?? new(byDefault, null, false);
    }

    public static S3Error Malformed(ChecksumAlgorithm algorithm) => S3Errors.InvalidRequest($"Value for {Checksum.HeaderOf(algorithm)} header is invalid.");

    /// <summary>The object's checksum, once the data have passed and the trailers are known.</summary>
    /// <exception cref="S3Exception">BadDigest where the data have another, InvalidRequest where the trailer's value is none.</exception>
    public Checksum Verify(string computed, Func<string, string?> trailer)
    {
        var expected = Expected;
        if (InTrailer)
        {
            expected = trailer(Checksum.HeaderOf(Algorithm))
                ?? throw new S3Exception(new S3Error("MalformedTrailerError", 400, "The request contained trailing data that was not well-formed or did not conform to our published schema."));
            CheckForm(Algorithm, expected);
        }
        return expected is null || expected == computed
            ? new(Algorithm, computed)
            : throw new S3Exception(S3Errors.ChecksumMismatch(Algorithm.ToString()));
    }

    private static void CheckForm(ChecksumAlgorithm algorithm, string value)
    {
        if (!Checksum.IsWellFormed(algorithm, value))
            throw new S3Exception(Malformed(algorithm));
    }
}
