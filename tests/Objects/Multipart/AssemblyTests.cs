using System.Security.Cryptography;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Tests.Multipart;

public class AssemblyTests
{
    private const long Large = 5 << 20;
    private const string Crc1 = "AAAAAQ==";
    private const string Crc2 = "AAAAAg==";

    private static readonly UploadChecksum FullCrc32 = new(ChecksumAlgorithm.CRC32, ChecksumType.FullObject, Requested: true);
    private static readonly UploadChecksum CompositeCrc32 = new(ChecksumAlgorithm.CRC32, ChecksumType.Composite, Requested: true);

    /// <summary>The parts that the client lists, and no others that were received.</summary>
    [Fact]
    public void The_object_is_made_of_the_listed_parts()
    {
        UploadedPart[] received = [Part(2, Large, '2'), Part(3, Large, '3'), Part(7, 1, '7')];
        var assembly = Assembly.Of(Uploads.New(UploadChecksum.Default), Listing(null, Listed(2, '2'), Listed(7, '7')), received.Select(part => part with { Checksum = "AAAAAAAAAAA=" }));
        Assert.Equal(Large + 1, assembly.Length);
        Assert.Equal([(2, Large, "token-2"), (7, 1, "token-7")], assembly.Parts.Select(part => (part.Number, part.Length, part.Token!)));
        Assert.Equal($"{Convert.ToHexStringLower(MD5.HashData([.. Convert.FromHexString(Uploads.ETag('2')), .. Convert.FromHexString(Uploads.ETag('7'))]))}-2", assembly.ETag);
        Assert.Equal((ChecksumAlgorithm.CRC64NVME, ChecksumType.FullObject), (assembly.Checksum!.Algorithm, assembly.Checksum.Type));
    }

    [Fact]
    public void A_part_that_is_not_the_last_has_5_MiB_and_the_last_may_have_none()
    {
        Refuses("EntityTooSmall", UploadChecksum.Default, Listing(null, Listed(1, '1'), Listed(2, '2')), Part(1, Large - 1, '1'), Part(2, Large, '2'));
        Assert.Equal(Large, Of(FullCrc32, Listing(null, Listed(1, '1'), Listed(2, '2')), Part(1, Large, '1'), Part(2, 0, '2')).Length);
    }

    [Fact]
    public void A_part_that_is_listed_otherwise_than_it_was_received_is_none()
    {
        var part = Part(1, 1, '1');
        foreach (var listed in new[] { Listed(2, '1'), Listed(1, '2'), Listed(1, '1', new(ChecksumAlgorithm.CRC32, Crc2)), Listed(1, '1', new(ChecksumAlgorithm.SHA1, Crc1)) })
            Refuses("InvalidPart", FullCrc32, Listing(null, listed), part);
        // Of a checksum that the upload was not begun with, nothing is known any more.
        Of(UploadChecksum.Default, Listing(null, Listed(1, '1', new(ChecksumAlgorithm.SHA1, Crc1))), part with { Checksum = "AAAAAAAAAAA=" });
    }

    [Fact]
    public void A_composite_checksum_needs_that_of_each_part()
    {
        var part = Part(1, 1, '1');
        Refuses("InvalidRequest", CompositeCrc32, Listing(null, Listed(1, '1')), part);
        Assert.Matches("-1$", Of(CompositeCrc32, Listing(null, Listed(1, '1', new(ChecksumAlgorithm.CRC32, Crc1))), part).Checksum!.Value);
        Of(FullCrc32, Listing(null, Listed(1, '1')), part);
    }

    [Fact]
    public void The_object_is_refused_that_is_not_as_long_as_the_client_says()
    {
        Refuses("InvalidRequest", FullCrc32, Listing(null, Listed(1, '1')) with { Size = 2 }, Part(1, 1, '1'));
        Assert.Equal(1, Of(FullCrc32, Listing(null, Listed(1, '1')) with { Size = 1 }, Part(1, 1, '1')).Length);
    }

    [Fact]
    public void The_object_is_refused_whose_checksum_is_not_the_client_s()
    {
        var part = Part(1, 1, '1');
        var listed = Listed(1, '1', new(ChecksumAlgorithm.CRC32, Crc1));
        Of(FullCrc32, Listing(Crc1, listed), part);
        Refuses("BadDigest", FullCrc32, Listing(Crc2, listed), part);

        var composite = Of(CompositeCrc32, Listing(null, listed), part).Checksum!.Value;
        foreach (var same in (string[])[composite, composite[..^2]]) Of(CompositeCrc32, Listing(same, listed), part);
        foreach (var other in (string[])[composite[..^1] + "2", Crc1]) Refuses("BadDigest", CompositeCrc32, Listing(other, listed), part);
    }

    [Fact]
    public void The_checksum_is_of_the_kind_that_the_upload_was_begun_with()
    {
        Refuses("InvalidRequest", FullCrc32, Listing(null, Listed(1, '1')) with { Type = ChecksumType.Composite }, Part(1, 1, '1'));
        Refuses("InvalidRequest", FullCrc32, Listing(null, Listed(1, '1')) with { Checksum = new(ChecksumAlgorithm.SHA1, Crc1) }, Part(1, 1, '1'));
        Of(FullCrc32, Listing(null, Listed(1, '1')) with { Type = ChecksumType.FullObject }, Part(1, 1, '1'));
    }

    /// <summary>As recorded.</summary>
    [Theory]
    [InlineData(EncryptionMode.Customer, false, false)]
    [InlineData(EncryptionMode.Customer, true, true)]
    [InlineData(EncryptionMode.Kms, false, true)]
    public void With_SSE_C_there_is_no_checksum_but_one_that_was_asked_for(EncryptionMode mode, bool requested, bool has)
    {
        var assembly = Assembly.Of(Uploads.New(FullCrc32 with { Requested = requested }, mode), Listing(null, Listed(1, '1')), [Part(1, 1, '1')]);
        Assert.Equal((has, has), (assembly.Checksum is not null, assembly.Parts[0].Checksum is not null));
    }

    private static Assembly Of(UploadChecksum checksum, CompletionRequest request, params UploadedPart[] received) => Assembly.Of(Uploads.New(checksum), request, received);

    private static void Refuses(string code, UploadChecksum checksum, CompletionRequest request, params UploadedPart[] received) =>
        Assert.Equal(code, Assert.Throws<S3Exception>(() => Of(checksum, request, received)).Error.Code);

    private static CompletionRequest Listing(string? crc32, params ListedPart[] parts) => new(parts, crc32 is null ? null : new(ChecksumAlgorithm.CRC32, crc32), Type: null, Size: null);

    private static ListedPart Listed(int number, char etag, Checksum? checksum = null) => new(number, Uploads.ETag(etag), checksum);

    private static UploadedPart Part(int number, long length, char etag) =>
        new(number, length, Uploads.ETag(etag), Crc1, DateTimeOffset.UnixEpoch, $"token-{number}", ObjectStoreContract.Streams);
}
