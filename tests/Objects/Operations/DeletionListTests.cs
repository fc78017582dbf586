using System.Text;
using Serverless.Objects.Api;
using Serverless.Objects.Operations;

namespace Serverless.Objects.Tests;

public class DeletionListTests
{
    [Fact]
    public void A_list_has_its_objects_in_order_whatever_its_namespace_and_whitespace()
    {
        var list = Parse("""
            <?xml version="1.0"?>
            <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Object><Key>b</Key></Object>
              <Quiet>TRUE</Quiet>
              <Object><ETag>"etag"</ETag><Key> </Key><VersionId>null</VersionId></Object>
              <Object><Key>&lt;&#13;&#10; &#x1F600;</Key></Object>
              <Object><Key>b</Key></Object>
            </Delete>
            """);
        Assert.Equal([new("b", null, null), new(" ", "null", "\"etag\""), new("<\r\n 😀", null, null), new("b", null, null)], list.Objects);
        Assert.True(list.IsQuiet);
        Assert.False(Parse("<Delete><Object><Key>a</Key></Object></Delete>").IsQuiet);
        Assert.False(Parse("<Delete><Quiet>false</Quiet><Object><Key>a</Key></Object></Delete>").IsQuiet);
        Assert.Equal(1000, Parse(Of(1000)).Objects.Count);
    }

    [Theory]
    [InlineData("<Other><Object><Key>a</Key></Object></Other>")]
    [InlineData("<Delete/>")]
    [InlineData("<Delete><Quiet>true</Quiet></Delete>")]
    [InlineData("<Delete><Quiet>true</Quiet><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>")]
    [InlineData("<Delete><Object></Object></Delete>")]
    [InlineData("<Delete><Object><VersionId>null</VersionId></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key><ETag>x</ETag><ETag>x</ETag></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key><Size>1</Size></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key><LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a<b/></Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key></Object><Other/></Delete>")]
    [InlineData("<Delete><Object><Key>&#x1;</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key></Object>")]
    [InlineData("<!DOCTYPE Delete [<!ENTITY x \"y\">]><Delete><Object><Key>&x;</Key></Object></Delete>")]
    [InlineData("no XML")]
    public void A_document_against_S3s_schema_is_refused(string document) => Assert.Equal("MalformedXML", Assert.Throws<S3Exception>(() => Parse(document)).Error.Code);

    [Fact]
    public void A_list_of_more_than_1000_objects_is_refused() => Assert.Equal("MalformedXML", Assert.Throws<S3Exception>(() => Parse(Of(1001))).Error.Code);

    [Fact]
    public void A_key_of_no_characters_is_refused() =>
        Assert.Equal("UserKeyMustBeSpecified", Assert.Throws<S3Exception>(() => Parse("<Delete><Object><Key>a</Key></Object><Object><Key/></Object></Delete>")).Error.Code);

    private static string Of(int count) => $"<Delete>{string.Concat(Enumerable.Range(0, count).Select(i => $"<Object><Key>{i}</Key></Object>"))}</Delete>";

    private static DeletionList Parse(string document) => DeletionList.Parse(S3Xml.Parse(Encoding.UTF8.GetBytes(document))!);
}
