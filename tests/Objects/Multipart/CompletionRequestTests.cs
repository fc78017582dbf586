using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;

namespace Serverless.Objects.Tests.Multipart;

public class CompletionRequestTests
{
    private const string One = "<Part><PartNumber>1</PartNumber><ETag>a</ETag></Part>";

    private static readonly UploadId Id = UploadId.New(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Parts_are_read_in_their_order_with_ETags_quoted_or_not_and_checksums()
    {
        var request = Read("""
            <Part><PartNumber> 1 </PartNumber><ETag>"a"</ETag></Part>
            <Part><ETag>b</ETag><ChecksumCRC32>AAAAAQ==</ChecksumCRC32><PartNumber>10000</PartNumber></Part>
            """);
        Assert.Equal([new(1, "a", null), new(10_000, "b", new(ChecksumAlgorithm.CRC32, "AAAAAQ=="))], request.Parts);
        Assert.Equal((null, null, null), (request.Checksum, request.Type, request.Size));
    }

    [Theory]
    [InlineData("", "MalformedXML")]
    [InlineData("<Other/>", "MalformedXML")]
    [InlineData("<Part><PartNumber>1</PartNumber></Part>", "MalformedXML")]
    [InlineData("<Part><ETag>a</ETag></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>one</PartNumber><ETag>a</ETag></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>1</PartNumber><PartNumber>2</PartNumber><ETag>a</ETag></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>1</PartNumber><ETag>a</ETag><Size>1</Size></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>99999999999</PartNumber><ETag>a</ETag></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>0</PartNumber><ETag>a</ETag></Part>", "InvalidArgument")]
    [InlineData("<Part><PartNumber>-1</PartNumber><ETag>a</ETag></Part>", "InvalidArgument")]
    [InlineData("<Part><PartNumber>1</PartNumber><ETag>a</ETag><ChecksumCRC32>AAAA</ChecksumCRC32></Part>", "InvalidArgument")]
    [InlineData("<Part><PartNumber>1</PartNumber><ETag>a</ETag><ChecksumCRC32>AAAAAQ==</ChecksumCRC32><ChecksumCRC32C>AAAAAQ==</ChecksumCRC32C></Part>", "InvalidArgument")]
    [InlineData(One + One, "InvalidPartOrder")]
    [InlineData("<Part><PartNumber>2</PartNumber><ETag>a</ETag></Part>" + One, "InvalidPartOrder")]
    public void What_lists_no_parts_is_refused(string content, string code) => Assert.Equal(code, Assert.Throws<S3Exception>(() => Read(content)).Error.Code);

    [Fact]
    public void Another_document_or_none_is_malformed()
    {
        foreach (var document in new[] { null, new XElement("CompleteUpload", XElement.Parse(One)) })
            Assert.Equal("MalformedXML", Assert.Throws<S3Exception>(() => CompletionRequest.Read(Id, document, new HeaderDictionary())).Error.Code);
    }

    [Theory]
    [InlineData("AAAAAQ==")]
    [InlineData("AAAAAQ==-3")]
    public void The_object_s_checksum_type_and_size_are_in_headers(string checksum)
    {
        var request = Read(One, ("x-amz-checksum-crc32", checksum), ("x-amz-checksum-type", "full_object"), ("x-amz-mp-object-size", "5368709120"));
        Assert.Equal((new(ChecksumAlgorithm.CRC32, checksum), ChecksumType.FullObject, 5L << 30), (request.Checksum, request.Type, request.Size));
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32", "AAAA")]
    [InlineData("x-amz-checksum-crc32", "AAAAAQ==-x")]
    [InlineData("x-amz-checksum-crc32", "AAAAAQ==-")]
    [InlineData("x-amz-checksum-type", "PARTIAL")]
    [InlineData("x-amz-mp-object-size", "-1")]
    [InlineData("x-amz-mp-object-size", "1e3")]
    [InlineData("x-amz-mp-object-size", "99999999999999999999")]
    public void A_header_that_is_no_value_is_refused(string header, string value) =>
        Assert.Equal("InvalidRequest", Assert.Throws<S3Exception>(() => Read(One, (header, value))).Error.Code);

    [Fact]
    public void An_object_has_one_checksum() => Assert.Equal("InvalidRequest",
        Assert.Throws<S3Exception>(() => Read(One, ("x-amz-checksum-crc32", "AAAAAQ=="), ("x-amz-checksum-crc32c", "AAAAAQ=="))).Error.Code);

    private static CompletionRequest Read(string content, params (string Name, string Value)[] headers)
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers) dictionary[name] = value;
        return CompletionRequest.Read(Id, XElement.Parse($"<CompleteMultipartUpload>{content}</CompleteMultipartUpload>"), dictionary);
    }
}
