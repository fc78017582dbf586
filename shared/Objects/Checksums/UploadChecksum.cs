using System.Buffers.Binary;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;

namespace Serverless.Objects.Checksums;

/// <summary>
/// Which checksum the parts of an upload have, and what the object's is made of
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html).
/// </summary>
/// <param name="Requested">Whether the client asked for it when it began the upload; if not, it is S3's default.</param>
public sealed record UploadChecksum(ChecksumAlgorithm Algorithm, ChecksumType Type, bool Requested)
{
    public const string TypeHeader = "x-amz-checksum-type";

    public const string AlgorithmHeader = "x-amz-checksum-algorithm";

    public static UploadChecksum Default { get; } = new(ChecksumAlgorithm.CRC64NVME, ChecksumType.FullObject, Requested: false);

    /// <summary>Reads what CreateMultipartUpload asks for.</summary>
    /// <exception cref="S3Exception">InvalidRequest: an unknown algorithm or type, or a type that the algorithm cannot be of.</exception>
    public static UploadChecksum Read(IHeaderDictionary headers)
    {
        var named = headers.TryGetValue(AlgorithmHeader, out var algorithms) ? algorithms.ToString() : null;
        var type = headers.TryGetValue(TypeHeader, out var types) ? ReadType(types.ToString()) : (ChecksumType?)null;
        if (named is null)
            return type is null ? Default : throw Refuse("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        if (named.Contains(',', StringComparison.Ordinal)) throw Refuse("Invalid types are specified in x-amz-checksum-algorithm header.");
        if (!Checksum.TryParseAlgorithm(named, out var algorithm)) throw new S3Exception(S3Errors.UnsupportedChecksum);

        var (composite, full) = TypesOf(algorithm);
        if ((type is ChecksumType.Composite && !composite) || (type is ChecksumType.FullObject && !full))
            throw Refuse($"The {Checksum.NameOf(type.Value)} checksum type cannot be used with the {algorithm.ToString().ToLowerInvariant()} checksum algorithm.");
        return new(algorithm, type ?? (composite ? ChecksumType.Composite : ChecksumType.FullObject), Requested: true);
    }

    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public static ChecksumType ReadType(string value) => value.ToUpperInvariant() switch
    {
        "COMPOSITE" => ChecksumType.Composite,
        "FULL_OBJECT" => ChecksumType.FullObject,
        _ => throw Refuse($"Value for {TypeHeader} header is invalid."),
    };

    /// <summary>Judges the checksum that a part comes with: where one was asked for, it must be that one, and there must be one to make a composite of.</summary>
    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public void CheckPart(RequestedChecksum part)
    {
        if (!Requested || (part.IsSent ? part.Algorithm == Algorithm : Type is ChecksumType.FullObject)) return;
        throw new S3Exception(Mismatch(Algorithm, part.IsSent ? part.Algorithm.ToString() : "null"));
    }

    public static S3Error Mismatch(ChecksumAlgorithm expected, string actual) => S3Errors.InvalidRequest(
        $"Checksum Type mismatch occurred, expected checksum Type: {expected.ToString().ToLowerInvariant()}, actual checksum Type: {actual.ToLowerInvariant()}");

    /// <summary>The object's checksum, from those of its parts in their order.</summary>
    /// <param name="parts">Each part's value in base64, and its length in bytes.</param>
    public Checksum Combine(IReadOnlyCollection<(string Value, long Length)> parts)
    {
        if (Type is ChecksumType.Composite)
        {
            using var running = RunningChecksum.Create(Algorithm);
            foreach (var (value, _) in parts) running.Append(Convert.FromBase64String(value));
            return new(Algorithm, $"{running.Finish()}-{parts.Count.ToString(CultureInfo.InvariantCulture)}");
        }

        var crc = Algorithm switch
        {
            ChecksumAlgorithm.CRC32 => new ConcatenatedCrc(32, 0xEDB88320),
            ChecksumAlgorithm.CRC32C => new ConcatenatedCrc(32, 0x82F63B78),
            ChecksumAlgorithm.CRC64NVME => new ConcatenatedCrc(64, 0x9A6C9329AC4BC9B5),
            _ => throw new InvalidOperationException($"{Algorithm} has no full-object checksum."),
        };
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        foreach (var (value, length) in parts)
        {
            bytes.Clear();
            Convert.TryFromBase64String(value, bytes[^Checksum.SizeOf(Algorithm)..], out _);
            crc.Append(BinaryPrimitives.ReadUInt64BigEndian(bytes), length);
        }
        BinaryPrimitives.WriteUInt64BigEndian(bytes, crc.Value);
        return new(Algorithm, Convert.ToBase64String(bytes[^Checksum.SizeOf(Algorithm)..]));
    }

    private static (bool Composite, bool Full) TypesOf(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.CRC32 or ChecksumAlgorithm.CRC32C => (true, true),
        ChecksumAlgorithm.CRC64NVME => (false, true),
        _ => (true, false),
    };

    private static S3Exception Refuse(string message) => new(S3Errors.InvalidRequest(message));
}
