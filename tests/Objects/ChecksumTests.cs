using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;

namespace Serverless.Objects.Tests;

public class ChecksumTests
{
    /// <summary>The check values of the CRC catalogue (https://reveng.sourceforge.io/crc-catalogue/), and FIPS 180's hashes of the same nine digits.</summary>
    [Theory]
    [InlineData(ChecksumAlgorithm.CRC32, "CBF43926")]
    [InlineData(ChecksumAlgorithm.CRC32C, "E3069283")]
    [InlineData(ChecksumAlgorithm.CRC64NVME, "AE8B14860A799888")]
    [InlineData(ChecksumAlgorithm.SHA1, "F7C3BC1D808E04732ADF679965CCC34CA7AE3441")]
    [InlineData(ChecksumAlgorithm.SHA256, "15E2B0D3C33891EBB0F1EF609EC419420C20E320CE94C65FBC8C3312448EB225")]
    public void The_check_value_is_the_published_one_however_the_data_are_cut(ChecksumAlgorithm algorithm, string hex) =>
        Gen.Int[0, 9].Sample(cut =>
        {
            var digits = Encoding.ASCII.GetBytes("123456789");
            using var running = RunningChecksum.Create(algorithm);
            running.Append(digits.AsSpan(0, cut));
            running.Append(digits.AsSpan(cut));
            Assert.Equal(Convert.ToBase64String(Convert.FromHexString(hex)), running.Finish());
        }, iter: 50);

    [Fact]
    public void Without_a_clients_checksum_S3s_default_is_computed() =>
        Assert.Equal(new(ChecksumAlgorithm.CRC64NVME, null, false), RequestedChecksum.Read(new HeaderDictionary()));

    [Theory]
    [InlineData("x-amz-checksum-crc32", "AAAA", "Value for x-amz-checksum-crc32 header is invalid.")]
    [InlineData("x-amz-checksum-crc32", "y/Q5Jh==", "Value for x-amz-checksum-crc32 header is invalid.")]
    [InlineData("x-amz-checksum-sha256", "not base64!", "Value for x-amz-checksum-sha256 header is invalid.")]
    [InlineData("x-amz-sdk-checksum-algorithm", "CRC32", "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")]
    public void A_malformed_checksum_is_refused(string header, string value, string message)
    {
        var refused = Assert.Throws<S3Exception>(() => RequestedChecksum.Read(new HeaderDictionary { [header] = value }));
        Assert.Equal(("InvalidRequest", message), (refused.Error.Code, refused.Error.Message));
    }

    [Fact]
    public void Two_checksums_are_refused() => Assert.Equal("InvalidRequest", Assert.Throws<S3Exception>(() => RequestedChecksum.Read(new HeaderDictionary
    {
        ["x-amz-checksum-crc32"] = "AAAAAA==",
        ["x-amz-checksum-sha1"] = Convert.ToBase64String(new byte[20]),
    })).Error.Code);

    [Fact]
    public void A_checksum_that_the_data_do_not_have_is_refused_and_named()
    {
        var requested = RequestedChecksum.Read(new HeaderDictionary { ["x-amz-checksum-crc32"] = "AAAAAA==" });
        var refused = Assert.Throws<S3Exception>(() => requested.Verify("AAAAAQ==", _ => null));
        Assert.Equal(("BadDigest", "The CRC32 you specified did not match the calculated checksum."), (refused.Error.Code, refused.Error.Message));
    }

    [Fact]
    public void A_checksum_in_the_trailer_is_read_from_there()
    {
        var requested = RequestedChecksum.Read(new HeaderDictionary { ["x-amz-trailer"] = "x-amz-checksum-crc32" });
        Assert.Equal("AAAAAA==", requested.Verify("AAAAAA==", name => name == "x-amz-checksum-crc32" ? "AAAAAA==" : null).Value);
        Assert.Equal("BadDigest", Assert.Throws<S3Exception>(() => requested.Verify("AAAAAQ==", _ => "AAAAAA==")).Error.Code);
        Assert.Equal("MalformedTrailerError", Assert.Throws<S3Exception>(() => requested.Verify("AAAAAA==", _ => null)).Error.Code);
    }

    [Fact]
    public void A_wrong_Content_MD5_names_both_digests()
    {
        using var digests = new BodyDigests(new HeaderDictionary { ["Content-MD5"] = Convert.ToBase64String(new byte[16]) }, md5IsETag: false);
        digests.Append("data"u8);
        var error = Assert.Throws<S3Exception>(() => digests.Verify(_ => null)).Error;
        Assert.Equal("BadDigest", error.Code);
        Assert.Contains(new("CalculatedDigest", "jXd/OF09/siBXSD3SWAm3A=="), error.Fields);
    }

    [Fact]
    public void A_Content_MD5_that_is_none_is_refused() => Assert.Equal("InvalidDigest", Assert.Throws<S3Exception>(
        () => new BodyDigests(new HeaderDictionary { ["Content-MD5"] = "AAAA" }, md5IsETag: false)).Error.Code);
}
