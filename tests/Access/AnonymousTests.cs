using System.Net;

namespace Serverless.Access.Tests;

public sealed class AnonymousTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task A_request_without_signature_is_anonymous(string? authorization)
    {
        var request = new TestRequest("GET", "/bucket/key") { RawQuery = "versionId=1" };
        request.Headers.Authorization = authorization;
        var signed = await request.AuthenticateAsync();
        Assert.True(signed.IsAnonymous);
        Assert.False(signed.IsPresigned);
        Assert.Same(Principal.Anonymous, signed.Caller.Principal);
        Assert.Equal(("", "s3", "UNSIGNED-PAYLOAD"), (signed.Region, signed.Service, signed.ContentSha256));
        Assert.Equal("versionId=1", signed.Target.RawQuery);
    }

    [Fact]
    public async Task An_anonymous_body_is_held_against_the_hash_that_comes_with_it()
    {
        var request = new TestRequest("PUT", "/bucket/key") { Body = [1] };
        request.Headers["x-amz-content-sha256"] = SigV4.EmptyHash;
        Assert.Equal("XAmzContentSHA256Mismatch", (await request.ReadingRefusalAsync()).Code);
    }

    [Fact]
    public async Task An_anonymous_upload_can_be_in_chunks_without_signatures()
    {
        var request = new TestRequest("PUT", "/bucket/key") { Body = SigningClient.UnsignedChunks([new byte[] { 1, 2 }]) };
        request.Headers["x-amz-content-sha256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
        request.Headers["x-amz-decoded-content-length"] = "2";
        Assert.Equal([1, 2], await request.ReadAsync());
    }

    [Theory]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")]
    public async Task Signed_chunks_without_a_signed_request_are_refused(string contentSha256)
    {
        var request = new TestRequest("PUT", "/bucket/key");
        request.Headers["x-amz-content-sha256"] = contentSha256;
        Assert.Equal(AccessErrors.AccessDenied, await request.RefusalAsync());
    }

    [Theory]
    [InlineData(RawTargetSource.Server, "http", "::ffff:10.0.0.1", "10.0.0.1", false)]
    [InlineData(RawTargetSource.Server, "https", "10.0.0.1", "10.0.0.1", true)]
    [InlineData(RawTargetSource.FrontEnd, "http", "10.0.0.1", "203.0.113.7", true)]
    [InlineData(RawTargetSource.Rebuilt, "https", "10.0.0.1", null, true)]
    public async Task The_origin_is_what_the_deployment_lets_one_believe(
        RawTargetSource source, string scheme, string peer, string? address, bool secure)
    {
        var context = new TestRequest("GET", "/bucket/key").ToContext();
        context.Request.Scheme = scheme;
        context.Request.Headers["X-Forwarded-Proto"] = "http, https";
        context.Request.Headers["X-Forwarded-For"] = "198.51.100.1, 203.0.113.7:51234";
        context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        var authenticator = TestRequest.Authenticator(options: new() { RawTarget = source });
        var caller = (await authenticator.AuthenticateAsync(context, "id", default)).Caller;
        Assert.Equal(address, caller.SourceAddress?.ToString());
        Assert.Equal(secure, caller.IsSecureTransport);
    }
}
