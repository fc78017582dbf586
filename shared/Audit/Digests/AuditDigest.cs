using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Audit;

/// <summary>
/// What is sealed of an hour, in the terms of CloudTrail's digest files
/// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html), and beyond them
/// <see cref="RecordCount"/>, <see cref="RecordsHashValue"/> and <see cref="RetainedFrom"/>. As on AWS, it covers what was delivered in its hour, whenever that happened, and hashes are over the content before gzip.
/// </summary>
internal sealed record AuditDigest
{
    public const string SignatureAlgorithm = "HmacSHA256";
    public const string HashAlgorithm = "SHA-256";

    public required string AwsAccountId { get; init; }

    public required DateTime DigestStartTime { get; init; }

    public required DateTime DigestEndTime { get; init; }

    public required string DigestS3Bucket { get; init; }

    public required string DigestS3Object { get; init; }

    public required string DigestSignatureAlgorithm { get; init; }

    /// <summary>Null in an hour without records.</summary>
    public DateTime? NewestEventTime { get; init; }

    /// <summary>Null in an hour without records.</summary>
    public DateTime? OldestEventTime { get; init; }

    /// <summary>Null, as all that is said of the previous digest, in the first one.</summary>
    public string? PreviousDigestS3Bucket { get; init; }

    public string? PreviousDigestS3Object { get; init; }

    public string? PreviousDigestHashValue { get; init; }

    public string? PreviousDigestHashAlgorithm { get; init; }

    public string? PreviousDigestSignature { get; init; }

    public required IReadOnlyList<DigestLogFile> LogFiles { get; init; }

    /// <summary>How many records the hour has.</summary>
    public required long RecordCount { get; init; }

    /// <summary>The hash over the hour's journal (<see cref="RecordsHash"/>), in lower-case hexadecimals as all hashes and signatures.</summary>
    public required string RecordsHashValue { get; init; }

    /// <summary>Records of earlier days may have been removed at the end of their retention; null: none.</summary>
    public DateOnly? RetainedFrom { get; init; }

    /// <summary>Where the digest of an hour is exported to.</summary>
    public static string NameOf(AuditHour hour, ServiceIdentity identity) => string.Create(CultureInfo.InvariantCulture,
        $"AWSLogs/{identity.AccountId}/CloudTrail-Digest/{identity.Region}/{hour.End:yyyy/MM/dd}/{identity.AccountId}_CloudTrail-Digest_{identity.Region}_serverless-sse_{identity.Region}_{hour.End:yyyyMMdd'T'HHmmss'Z'}.json.gz");

    /// <summary>The digest of an hour, not yet signed.</summary>
    public static AuditDigest Of(AuditHour hour, ServiceIdentity identity, IReadOnlyList<DigestLogFile> logFiles, RecordsHash records, SealedDigest? previous, DateOnly? retainedFrom) => new()
    {
        AwsAccountId = identity.AccountId,
        DigestStartTime = hour.Start.UtcDateTime,
        DigestEndTime = hour.End.UtcDateTime,
        DigestS3Bucket = IAuditArchive.Container,
        DigestS3Object = NameOf(hour, identity),
        DigestSignatureAlgorithm = SignatureAlgorithm,
        NewestEventTime = logFiles.Max(file => (DateTime?)file.NewestEventTime),
        OldestEventTime = logFiles.Min(file => (DateTime?)file.OldestEventTime),
        PreviousDigestS3Bucket = previous is null ? null : IAuditArchive.Container,
        PreviousDigestS3Object = previous is null ? null : NameOf(previous.Hour, identity),
        PreviousDigestHashValue = previous is null ? null : HashOf(previous),
        PreviousDigestHashAlgorithm = previous is null ? null : HashAlgorithm,
        PreviousDigestSignature = previous is null ? null : Convert.ToHexStringLower(previous.Signature.Span),
        LogFiles = logFiles,
        RecordCount = records.Count,
        RecordsHashValue = records.Value,
        RetainedFrom = retainedFrom,
    };

    /// <summary>Reads a digest; null for what is none.</summary>
    public static AuditDigest? Parse(SealedDigest digest)
    {
        try
        {
            return JsonSerializer.Deserialize(digest.Content.Span, DigestJson.Default.AuditDigest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads a digest; null for what is none, is not its hour's, or is not signed with the key.</summary>
    public static AuditDigest? Open(SealedDigest digest, SecretKey key) =>
        Parse(digest) is { } parsed && parsed.DigestStartTime == digest.Hour.Start.UtcDateTime
            && Hmac.Verify(HmacAlgorithm.Sha256, key.Bytes, parsed.ToBeSigned(digest.Content.Span), digest.Signature.Span) ? parsed : null;

    public static string HashOf(SealedDigest digest) => Convert.ToHexStringLower(SHA256.HashData(digest.Content.Span));

    public SealedDigest Sign(SecretKey key)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(this, DigestJson.Default.AuditDigest);
        return new(AuditHour.Of(DigestStartTime), content, Hmac.Compute(HmacAlgorithm.Sha256, key.Bytes, ToBeSigned(content)));
    }

    /// <summary>Whether this follows <paramref name="previous"/>; null: whether it is the first one.</summary>
    public bool Follows(SealedDigest? previous) => previous is null
        ? PreviousDigestHashValue is null && PreviousDigestSignature is null
        : PreviousDigestHashValue == HashOf(previous) && PreviousDigestSignature == Convert.ToHexStringLower(previous.Signature.Span);

    /// <summary>The data signing string: end time, path, hash of the content, and signature of the previous digest, as CloudTrail's.</summary>
    private byte[] ToBeSigned(ReadOnlySpan<byte> content) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"{DigestEndTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\n{DigestS3Bucket}/{DigestS3Object}\n{Convert.ToHexStringLower(SHA256.HashData(content))}\n{PreviousDigestSignature ?? "null"}"));
}

/// <summary>A log file of a digest's hour: <c>{"Records":[…]}</c>, gzipped, with records of one Region.</summary>
internal sealed record DigestLogFile
{
    public required string S3Bucket { get; init; }

    public required string S3Object { get; init; }

    public required string HashValue { get; init; }

    public required string HashAlgorithm { get; init; }

    public required DateTime NewestEventTime { get; init; }

    public required DateTime OldestEventTime { get; init; }

    public required long RecordCount { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AuditDigest))]
internal sealed partial class DigestJson : JsonSerializerContext;
