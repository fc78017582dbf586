namespace Serverless.Access.Tests;

public sealed class CanonicalRequestTests
{
    private static readonly SigningClient Client = new();

    [Theory]
    [InlineData("/bucket/a%20b/a+b")]
    [InlineData("/bucket/%c3%bc/%E4%B8%AD")]
    [InlineData("/bucket/!*'()~=&:@$,;")]
    [InlineData("/bucket/%21%2A%27%28%29%7E%3D%26%3A")]
    [InlineData("/bucket//a/./b/../c//")]
    [InlineData("/bucket/100%25/%2541")]
    public async Task A_path_is_canonical_however_much_of_it_the_client_encodes(string rawPath)
    {
        var request = TestRequest.Signed(rawPath);
        Assert.Equal(Uri.UnescapeDataString(rawPath), (await request.AuthenticateAsync()).Target.Path);
    }

    [Theory]
    [InlineData("b=2&a=1")]
    [InlineData("a=2&a=1&a=&A=3")]
    [InlineData("acl&b=")]
    [InlineData("a=b+c&d=e%2Bf&g=%20")]
    [InlineData("k=1&k-x=2&k.y=3&k0=4")]
    [InlineData("k=%c3%bc~!*'()&l=a=b&m=a:b/c")]
    [InlineData("&&a=1&&b=2&")]
    [InlineData("a01&a02&a03&a04&a05&a06&a07&a08&a09&a10&a11&a12&a13&a14&a15&a16&a17&a18")]
    public async Task A_query_is_canonical_in_any_order_and_encoding(string rawQuery)
    {
        var request = new TestRequest("GET", "/bucket") { RawQuery = rawQuery };
        Client.SignWithoutPayload(request);
        Assert.Equal(rawQuery, (await request.AuthenticateAsync()).Target.RawQuery);
    }

    [Fact]
    public async Task A_header_value_is_canonical_without_its_outer_and_repeated_blanks()
    {
        var request = new TestRequest("GET", "/");
        request.Headers["x-amz-meta-s"] = "a b c";
        Client.SignWithoutPayload(request);
        request.Headers["x-amz-meta-s"] = "  a   b \t c ";
        await request.AuthenticateAsync();
    }

    [Fact]
    public async Task A_header_sent_twice_is_canonical_as_one_joined_by_a_comma()
    {
        var request = new TestRequest("GET", "/");
        request.Headers["x-amz-meta-s"] = "b,a";
        Client.SignWithoutPayload(request);
        request.Headers["x-amz-meta-s"] = new(["b", " a "]);
        await request.AuthenticateAsync();
    }
}
