using CsCheck;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Access.Tests;

public sealed class RequestTargetTests
{
    [Theory]
    [InlineData("/", "/", "", "/")]
    [InlineData("/b/k?", "/b/k", "", "/b/k")]
    [InlineData("/b/a%2Fb%20c?x=1?2", "/b/a%2Fb%20c", "x=1?2", "/b/a/b c")]
    [InlineData("/b/a+b", "/b/a+b", "", "/b/a+b")]
    [InlineData("/b/%252F", "/b/%252F", "", "/b/%2F")]
    [InlineData("//b//k/./../", "//b//k/./../", "", "//b//k/./../")]
    [InlineData("http://host:80/b/k?q", "/b/k", "q", "/b/k")]
    [InlineData("http://host", "/", "", "/")]
    [InlineData("http://host?q", "/", "q", "/")]
    public void A_target_is_taken_apart_and_its_path_decoded_once(string raw, string rawPath, string rawQuery, string path)
    {
        var target = RequestTarget.Parse(raw);
        Assert.Equal((rawPath, rawQuery, path), (target.RawPath, target.RawQuery, target.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("b/k")]
    [InlineData("b?x=http://host/")]
    [InlineData("/b/%")]
    [InlineData("/b/%4")]
    [InlineData("/b/%zz")]
    [InlineData("/b/%FF")]
    [InlineData("/b/%C3%28")]
    [InlineData("/b?%")]
    [InlineData("/b?a=%F0%28%8C%BC")]
    public void A_target_that_is_none_is_refused(string raw)
    {
        var error = Assert.Throws<AccessException>(() => RequestTarget.Parse(raw)).Error;
        Assert.Equal(("InvalidURI", 400), (error.Code, error.Status));
    }

    [Fact]
    public void Parameters_keep_their_order_and_are_decoded()
    {
        var query = RequestTarget.Parse("/b?uploads&b=2+3&&a=%2B%C3%BC&a=x=y&=z").Query;
        Assert.Equal([new("uploads", ""), new("b", "2 3"), new("a", "+ü"), new("a", "x=y"), new("", "z")], query);
        Assert.True(query.Has("uploads"));
        Assert.False(query.Has("Uploads"));
        Assert.True(query.TryGet("a", out var first));
        Assert.Equal("+ü", first);
        Assert.False(query.TryGet("c", out var none));
        Assert.Equal("", none);
    }

    [Fact]
    public void Encoding_a_path_and_decoding_it_again_gives_the_path() => Paths.Sample(path =>
    {
        using var encoded = new PooledBytes(1);
        PercentEncoding.EncodePath(encoded, path);
        var text = System.Text.Encoding.ASCII.GetString(encoded.Written);
        Assert.Equal(string.Join('/', path.Split('/').Select(Uri.EscapeDataString)), text);
        Assert.Equal(path, PercentEncoding.DecodePath(text));
    });

    [Fact]
    public void Encoding_more_than_is_needed_changes_nothing() => Gen.Select(Paths, Gen.Int[1, 5]).Sample((path, every) =>
    {
        var eager = string.Concat(System.Text.Encoding.UTF8.GetBytes(path)
            .Select((value, i) => i % every == 0 || value >= 0x80 || value == '%' ? $"%{value:x2}" : ((char)value).ToString()));
        Assert.Equal(path, PercentEncoding.DecodePath(eager));
    });

    [Fact]
    public void Encoding_a_parameter_and_decoding_it_again_gives_the_parameter() => Paths.Sample(text =>
    {
        using var encoded = new PooledBytes(1);
        PercentEncoding.EncodeQuery(encoded, text);
        Assert.Equal(text, PercentEncoding.DecodeQuery(System.Text.Encoding.ASCII.GetString(encoded.Written)));
    });

    [Fact]
    public void The_servers_target_is_the_only_one_under_the_local_host() =>
        Assert.Equal(["/b/a%252Fb"], Candidates("/b/a%252Fb", RawTargetSource.Server, unencoded: "/other"));

    [Fact]
    public void The_front_ends_header_is_believed_where_there_is_one()
    {
        Assert.Equal(["/b/a%2Fb"], Candidates("/b/a%252Fb?q", RawTargetSource.FrontEnd, unencoded: "/b/a%2Fb?q"));
        Assert.Equal(["/b/k"], Candidates("/b/k", RawTargetSource.FrontEnd, unencoded: null));
        Assert.Equal(["/b/k"], Candidates("/b/k", RawTargetSource.Rebuilt, unencoded: "/other"));
    }

    [Theory]
    [InlineData("/b/%2525", "/b/%2525")]
    [InlineData("/b/x%252Fy", "/b/x%252Fy /b/x%2Fy")]
    [InlineData("/b/x%252fy", "/b/x%252fy /b/x%2Fy")]
    [InlineData("/b/%252F%252F", "/b/%252F%252F /b/%2F%2F /b/%2F%252F /b/%252F%2F")]
    public void A_rebuilt_path_has_a_reading_for_each_way_it_can_have_been_sent(string raw, string readings) =>
        Assert.Equal(readings.Split(' '), Candidates(raw, RawTargetSource.Rebuilt, null));

    [Theory]
    [InlineData(3, 8)]
    [InlineData(4, 8)]
    [InlineData(40, 8)]
    public void The_readings_are_bounded_and_begin_with_those_that_treat_every_slash_alike(int places, int count)
    {
        var raw = "/b" + string.Concat(Enumerable.Repeat("/%252F", places));
        var readings = Candidates(raw, RawTargetSource.Rebuilt, null);
        Assert.Equal(count, readings.Distinct().Count());
        Assert.Equal([raw, raw.Replace("%252F", "%2F", StringComparison.Ordinal)], readings[..2]);
    }

    [Theory]
    [InlineData("/b/x%2Fy", "/b/x/y")]
    [InlineData("/b/x%252Fy", "/b/x%2Fy")]
    public async Task The_signature_decides_which_reading_was_meant(string sent, string path)
    {
        var request = new TestRequest("GET", sent);
        request.Headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        new SigningClient().Sign(request, "UNSIGNED-PAYLOAD");
        // What the Functions host makes of either.
        request.RawPath = "/b/x%252Fy";
        var signed = await request.AuthenticateAsync(options: new() { RawTarget = RawTargetSource.Rebuilt });
        Assert.Equal(path, signed.Target.Path);
    }

    private static Gen<string> Paths { get; } =
        Gen.OneOf(Gen.Const('/'), Gen.Const('%'), Gen.Const('+'), Gen.Char[' ', '~'], Gen.Char['\u00A0', '\uD7FF'], Gen.Char['\uE000', '\uFFFF'])
            .Select(character => character.ToString()).Array[0, 40]
            .Select(pieces => "/" + string.Concat(pieces) + "😀");

    private static string[] Candidates(string raw, RawTargetSource source, string? unencoded)
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = raw;
        if (unencoded is not null)
        {
            context.Request.Headers[RequestTargets.FrontEndHeader] = unencoded;
        }
        return [.. RequestTargets.Of(context.Request, source).Select(target => target.RawPath)];
    }
}
