namespace Serverless.Objects.Checksums;

/// <summary>
/// S3's checksums of an object's plaintext (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html).
/// The names are those of the API.
/// </summary>
public enum ChecksumAlgorithm { CRC32, CRC32C, CRC64NVME, SHA1, SHA256 }

/// <summary>A checksum's value.</summary>
/// <param name="Algorithm">Which.</param>
/// <param name="Value">Base64 of the value, big-endian.</param>
public sealed record Checksum(ChecksumAlgorithm Algorithm, string Value)
{
    public string Header => HeaderOf(Algorithm);

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
}
