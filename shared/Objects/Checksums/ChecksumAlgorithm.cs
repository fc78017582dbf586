namespace Serverless.Objects.Checksums;

/// <summary>
/// S3's checksums of an object's plaintext (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html).
/// The names are those of the API.
/// </summary>
public enum ChecksumAlgorithm { CRC32, CRC32C, CRC64NVME, SHA1, SHA256 }

/// <summary>What a checksum is of: the whole object's bytes, or the checksums of its parts.</summary>
public enum ChecksumType { FullObject, Composite }

/// <summary>A checksum's value.</summary>
/// <param name="Algorithm">Which.</param>
/// <param name="Value">Base64 of the value, big-endian; for a composite one followed by <c>-</c> and the number of parts.</param>
public sealed record Checksum(ChecksumAlgorithm Algorithm, string Value)
{
    public string Header => HeaderOf(Algorithm);

    /// <summary>The name of its element in S3's documents.</summary>
    public string Element => $"Checksum{Algorithm}";

    public ChecksumType Type => Value.Contains('-', StringComparison.Ordinal) ? ChecksumType.Composite : ChecksumType.FullObject;

    /// <summary>The type as the API names it.</summary>
    public static string NameOf(ChecksumType type) => type is ChecksumType.Composite ? "COMPOSITE" : "FULL_OBJECT";

    public static string HeaderOf(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.CRC32 => "x-amz-checksum-crc32",
        ChecksumAlgorithm.CRC32C => "x-amz-checksum-crc32c",
        ChecksumAlgorithm.CRC64NVME => "x-amz-checksum-crc64nvme",
        ChecksumAlgorithm.SHA1 => "x-amz-checksum-sha1",
        _ => "x-amz-checksum-sha256",
    };

    /// <summary>The size of a value in bytes.</summary>
    public static int SizeOf(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.CRC32 or ChecksumAlgorithm.CRC32C => 4,
        ChecksumAlgorithm.CRC64NVME => 8,
        ChecksumAlgorithm.SHA1 => 20,
        _ => 32,
    };

    /// <summary>An algorithm by its name, whose case S3 does not mind; a number is no name.</summary>
    public static bool TryParseAlgorithm(string name, out ChecksumAlgorithm algorithm) =>
        Enum.TryParse(name, ignoreCase: true, out algorithm) && name.Equals(algorithm.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a text is the base64 of a value, as S3 takes it: without a bit that stands for nothing.</summary>
    public static bool IsWellFormed(ChecksumAlgorithm algorithm, string value)
    {
        Span<byte> decoded = stackalloc byte[64];
        return value.Length <= decoded.Length && Convert.TryFromBase64String(value, decoded, out var size) && size == SizeOf(algorithm)
            && Convert.ToBase64String(decoded[..size]) == value;
    }
}
