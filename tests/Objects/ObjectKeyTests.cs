using System.Text;
using CsCheck;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tests;

public class ObjectKeyTests
{
    [Theory]
    [InlineData("/", "", "")]
    [InlineData("/b", "b", "")]
    [InlineData("/b/", "b", "")]
    [InlineData("/b//", "b", "/")]
    [InlineData("/b/a/../c", "b", "a/../c")]
    [InlineData("/b/a%2Fc", "b", "a/c")]
    [InlineData("/b/a%252Fc", "b", "a%2Fc")]
    [InlineData("/b/a+c", "b", "a+c")]
    [InlineData("/b/%C3%A9", "b", "é")]
    public void A_path_is_decoded_once_and_not_normalised(string path, string bucket, string key) =>
        Assert.Equal((bucket, key), ObjectKey.SplitPath(path));

    [Theory]
    [InlineData("/b/%")]
    [InlineData("/b/%2")]
    [InlineData("/b/%zz")]
    [InlineData("/b/%FF")]
    [InlineData("/b/%ED%A0%80")]
    [InlineData("/b/é")]
    public void A_path_that_is_not_percent_encoded_UTF8_is_refused(string path) =>
        Assert.Equal("InvalidURI", Assert.Throws<S3Exception>(() => ObjectKey.SplitPath(path)).Error.Code);

    [Fact]
    public void A_key_may_have_1024_bytes_and_not_one_more()
    {
        Assert.Equal(512, ObjectKey.SplitPath("/b/" + string.Concat(Enumerable.Repeat("%C3%A9", 512))).Key.Length);
        Assert.Equal("KeyTooLongError", Assert.Throws<S3Exception>(() => ObjectKey.SplitPath("/b/" + new string('k', 1025))).Error.Code);
    }

    [Fact]
    public void Every_key_survives_its_encoding() => Gen.String[Gen.Char.Where(c => !char.IsSurrogate(c)), 1, 100].Sample(key =>
        Assert.Equal(key, ObjectKey.SplitPath("/b/" + string.Concat(Encoding.UTF8.GetBytes(key).Select(b => $"%{b:X2}"))).Key));
}
