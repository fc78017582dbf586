using Serverless.Access;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tests;

public class ListParametersTests
{
    [Theory]
    [InlineData("plain/path-1_2.txt*", "plain/path-1_2.txt*")]
    [InlineData("two words", "two+words")]
    [InlineData("a+b", "a%2Bb")]
    [InlineData("test_file(3).png", "test_file%283%29.png")]
    [InlineData("~!'&=%|", "%7E%21%27%26%3D%25%7C")]
    [InlineData("\u0001\r\n", "%01%0D%0A")]
    [InlineData("한글😀", "%ED%95%9C%EA%B8%80%F0%9F%98%80")]
    public void Names_are_encoded_as_S3_encodes_them(string name, string encoded)
    {
        Assert.Equal(encoded, ListEncoding.Parse("url").Write(name));
        Assert.Equal(encoded, ListEncoding.Parse("URL").Write(name));
        Assert.Equal(name, ListEncoding.Parse(null).Write(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("base64")]
    public void There_is_no_other_encoding(string type)
    {
        var error = Assert.Throws<S3Exception>(() => ListEncoding.Parse(type)).Error;
        Assert.Equal(("InvalidArgument", 400, "Invalid Encoding Method specified in Request"), (error.Code, error.Status, error.Message));
        Assert.Equal([new("ArgumentName", "encoding-type"), new("ArgumentValue", type)], error.Fields);
    }

    [Theory]
    [InlineData("", 7)]
    [InlineData("count", 7)]
    [InlineData("count=", 7)]
    [InlineData("count=5", 5)]
    [InlineData("count=0005", 5)]
    [InlineData("count=-0", 0)]
    [InlineData("count=-1", -1)]
    [InlineData("count=2147483647", int.MaxValue)]
    [InlineData("count=1&count=abc", 1)]
    public void A_count_is(string query, int expected) => Assert.Equal(expected, CountParameter.Read(QueryParameters.Parse(query), "count", 7));

    [Theory]
    [InlineData("abc")]
    [InlineData("1.5")]
    [InlineData("%2B5")]
    [InlineData("%205")]
    [InlineData("1e3")]
    [InlineData("2147483648")]
    [InlineData("-2147483649")]
    [InlineData("99999999999999999999")]
    public void What_is_no_count_is_refused(string value)
    {
        var error = Assert.Throws<S3Exception>(() => CountParameter.Read(QueryParameters.Parse($"max-keys={value}"), "max-keys", 7)).Error;
        Assert.Equal(("InvalidArgument", 400, "Provided max-keys not an integer or within integer range"), (error.Code, error.Status, error.Message));
        Assert.Equal([new("ArgumentName", "max-keys"), new("ArgumentValue", Uri.UnescapeDataString(value))], error.Fields);
    }

    [Fact]
    public void A_count_out_of_range_is_refused_with_its_value()
    {
        CountParameter.Require(0, "maxKeys", 0, int.MaxValue);
        CountParameter.Require(10, "maxKeys", 0, 10);
        var error = Assert.Throws<S3Exception>(() => CountParameter.Require(-1, "maxKeys", 0, int.MaxValue)).Error;
        Assert.Equal(("InvalidArgument", 400, "Argument maxKeys must be an integer between 0 and 2147483647"), (error.Code, error.Status, error.Message));
        Assert.Equal([new("ArgumentName", "maxKeys"), new("ArgumentValue", "-1")], error.Fields);
        Assert.Throws<S3Exception>(() => CountParameter.Require(11, "maxKeys", 0, 10));
    }
}
