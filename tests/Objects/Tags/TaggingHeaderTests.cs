using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Tests.Tags;

public class TaggingHeaderTests
{
    [Theory]
    [InlineData("a=b", "a=b")]
    [InlineData("b=2&a=1", "a=1;b=2")]
    [InlineData("tag1=tag1&tag2=tag2&tag", "tag=;tag1=tag1;tag2=tag2")]
    [InlineData("wrongquery&wrongagain", "wrongagain=;wrongquery=")]
    [InlineData("key1&&&key2", "key1=;key2=")]
    [InlineData("a+b=c%20d%2Be", "a b=c d+e")]
    [InlineData("%C3%BC=%3D", "ü==")]
    [InlineData("", null)]
    [InlineData("&", null)]
    public void Tags_are_the_parameters_of_a_query(string header, string? expected) =>
        Assert.Equal(expected, TaggingHeader.Read(Headers(header)) is { } tags ? string.Join(';', tags.Select(tag => $"{tag.Key}={tag.Value}")) : null);

    [Fact]
    public void Without_the_header_there_are_none() => Assert.Null(TaggingHeader.Read(new HeaderDictionary()));

    [Theory]
    [InlineData("key1=val1&key1=val2")]
    [InlineData("key1=val1,key2=val2")]
    [InlineData("TagSet=[{Key=string,Value=string}]")]
    [InlineData("a=%zz")]
    [InlineData("a=%")]
    [InlineData("a=%ff")]
    public void What_is_not_encoded_so_is_refused_and_no_tag_for_policies(string header)
    {
        var refused = Refused(header);
        Assert.Equal(("InvalidArgument", 400, "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."),
            (refused.Code, refused.Status, refused.Message));
        Assert.Equal([new("ArgumentName", "x-amz-tagging"), new("ArgumentValue", header)], refused.Fields);
        Assert.Null(TaggingHeader.TryRead(Headers(header)));
    }

    [Theory]
    [InlineData("TagSet%3D%5B%7BKey%3Dstring%2CValue%3Dstring%7D%5D", "InvalidTag", "The TagKey you have provided is invalid")]
    [InlineData("=value", "InvalidTag", "The TagKey you have provided is invalid")]
    [InlineData("aws:a=b", "InvalidTag", "Your TagKey cannot be prefixed with aws:")]
    [InlineData("a=b%2Cc", "InvalidTag", "The TagValue you have provided is invalid")]
    [InlineData("1&2&3&4&5&6&7&8&9&10&11", "BadRequest", "Object tags cannot be greater than 10")]
    public void Tags_that_are_none_are_refused(string header, string code, string message) =>
        Assert.Equal((code, message), (Refused(header).Code, Refused(header).Message));

    [Fact]
    public void What_is_written_is_read()
    {
        var tags = new Dictionary<string, string> { ["a b"] = "c+d=e", ["ü"] = "", ["x/y:z@"] = "鍵" };
        var headers = Headers("else=1");
        TaggingHeader.Write(headers, tags);
        Assert.Equal(tags.OrderBy(tag => tag.Key, StringComparer.Ordinal), TaggingHeader.Read(headers));
    }

    private static S3Error Refused(string header) => Assert.Throws<S3Exception>(() => TaggingHeader.Read(Headers(header))).Error;

    private static HeaderDictionary Headers(string tagging) => new() { [TaggingHeader.Name] = tagging };
}
