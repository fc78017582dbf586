using CsCheck;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;

namespace Serverless.Objects.Tests;

public class UploadChecksumTests
{
    private static readonly Gen<byte[][]> Parts = Gen.Byte.Array[0, 3000].Array[1, 12];

    [Theory]
    [InlineData(ChecksumAlgorithm.CRC32)]
    [InlineData(ChecksumAlgorithm.CRC32C)]
    [InlineData(ChecksumAlgorithm.CRC64NVME)]
    public void A_full_object_checksum_made_of_the_parts_is_that_of_their_bytes(ChecksumAlgorithm algorithm) => Parts.Sample(parts =>
    {
        var upload = new UploadChecksum(algorithm, ChecksumType.FullObject, Requested: true);
        var combined = upload.Combine([.. parts.Select(part => (Of(algorithm, part), (long)part.Length))]);
        Assert.Equal(new(algorithm, Of(algorithm, [.. parts.SelectMany(part => part)])), combined);
        Assert.Equal(ChecksumType.FullObject, combined.Type);
    }, iter: 300);

    [Theory]
    [InlineData(ChecksumAlgorithm.CRC32)]
    [InlineData(ChecksumAlgorithm.CRC32C)]
    [InlineData(ChecksumAlgorithm.SHA1)]
    [InlineData(ChecksumAlgorithm.SHA256)]
    public void A_composite_checksum_is_that_of_the_parts_checksums_and_tells_their_number(ChecksumAlgorithm algorithm) => Parts.Sample(parts =>
    {
        var upload = new UploadChecksum(algorithm, ChecksumType.Composite, Requested: true);
        var combined = upload.Combine([.. parts.Select(part => (Of(algorithm, part), (long)part.Length))]);
        var checksums = parts.SelectMany(part => Convert.FromBase64String(Of(algorithm, part))).ToArray();
        Assert.Equal($"{Of(algorithm, checksums)}-{parts.Length}", combined.Value);
        Assert.Equal(ChecksumType.Composite, combined.Type);
    }, iter: 100);

    /// <summary>S3's table of types (userguide/checking-object-integrity-upload.html); null stands for its default.</summary>
    [Theory]
    [InlineData("CRC32", null, ChecksumType.Composite)]
    [InlineData("crc32", "FULL_OBJECT", ChecksumType.FullObject)]
    [InlineData("CRC32C", null, ChecksumType.Composite)]
    [InlineData("CRC32C", "full_object", ChecksumType.FullObject)]
    [InlineData("CRC64NVME", null, ChecksumType.FullObject)]
    [InlineData("SHA1", "COMPOSITE", ChecksumType.Composite)]
    [InlineData("SHA256", null, ChecksumType.Composite)]
    public void An_algorithm_has_the_types_that_it_has_in_S3(string algorithm, string? type, ChecksumType expected)
    {
        var read = UploadChecksum.Read(Headers(algorithm, type));
        Assert.Equal((expected, true), (read.Type, read.Requested));
    }

    [Theory]
    [InlineData("CRC64NVME", "COMPOSITE", "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.")]
    [InlineData("SHA1", "FULL_OBJECT", "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.")]
    [InlineData("SHA256", "FULL_OBJECT", "The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm.")]
    [InlineData("CRC32", "TEST", "Value for x-amz-checksum-type header is invalid.")]
    [InlineData(null, "FULL_OBJECT", "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")]
    [InlineData("CRC32,CRC32C", null, "Invalid types are specified in x-amz-checksum-algorithm header.")]
    [InlineData("nope", null, "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")]
    [InlineData("1", null, "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")]
    public void What_S3_has_not_is_refused_in_its_words(string? algorithm, string? type, string message)
    {
        var refused = Assert.Throws<S3Exception>(() => UploadChecksum.Read(Headers(algorithm, type))).Error;
        Assert.Equal(("InvalidRequest", message), (refused.Code, refused.Message));
    }

    [Theory]
    [InlineData("SHA256", null, "sha256", "crc32", "x-amz-checksum-crc32", "AAAAAA==")]
    [InlineData("SHA256", null, "sha256", "null", null, null)]
    [InlineData("CRC32", "FULL_OBJECT", "crc32", "crc32c", "x-amz-checksum-crc32c", "AAAAAA==")]
    public void A_part_comes_with_the_checksum_that_the_upload_was_begun_with(
        string algorithm, string? type, string expected, string actual, string? header, string? value)
    {
        var part = new HeaderDictionary();
        if (header is not null) part[header] = value;
        var refused = Assert.Throws<S3Exception>(() => BodyDigests.OfPart(part, md5IsETag: false, UploadChecksum.Read(Headers(algorithm, type)))).Error;
        Assert.Equal(("InvalidRequest", $"Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {actual}"), (refused.Code, refused.Message));
    }

    [Fact]
    public void A_part_whose_client_sends_another_checksum_than_the_default_has_both()
    {
        var data = "data"u8.ToArray();
        using var digests = BodyDigests.OfPart(
            new HeaderDictionary { ["x-amz-checksum-sha1"] = Of(ChecksumAlgorithm.SHA1, data) }, md5IsETag: true, UploadChecksum.Default);
        digests.Append(data);
        var (md5, checksum, uploadChecksum) = digests.Verify(_ => null);
        Assert.Equal("8d777f385d3dfec8815d20f7496026dc", md5);
        Assert.Equal(new(ChecksumAlgorithm.SHA1, Of(ChecksumAlgorithm.SHA1, data)), checksum);
        Assert.Equal(new(ChecksumAlgorithm.CRC64NVME, Of(ChecksumAlgorithm.CRC64NVME, data)), uploadChecksum);
    }

    private static string Of(ChecksumAlgorithm algorithm, byte[] data)
    {
        using var running = RunningChecksum.Create(algorithm);
        running.Append(data);
        return running.Finish();
    }

    private static HeaderDictionary Headers(string? algorithm, string? type)
    {
        var headers = new HeaderDictionary();
        if (algorithm is not null) headers["x-amz-checksum-algorithm"] = algorithm;
        if (type is not null) headers["x-amz-checksum-type"] = type;
        return headers;
    }
}
