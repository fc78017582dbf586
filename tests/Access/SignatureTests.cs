using System.Globalization;
using System.Text;

namespace Serverless.Access.Tests;

public sealed class SignatureTests
{
    private static readonly SigningClient Client = new();

    [Fact]
    public async Task Upper_case_digits_in_the_signature_are_accepted()
    {
        var request = TestRequest.Signed();
        var authorization = request.Headers.Authorization.ToString();
        request.Headers.Authorization = authorization[..^64] + authorization[^64..].ToUpperInvariant();
        await request.AuthenticateAsync();
    }

    [Fact]
    public async Task A_changed_request_gets_the_strings_that_the_server_signed_and_nothing_secret()
    {
        var request = TestRequest.Signed();
        request.RawQuery = "prefix=a%20b";
        var error = await request.RefusalAsync();
        var canonical = "GET\n/bucket/key\nprefix=a%20b\nhost:s3.amazonaws.com\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20130524T000000Z\n\n"
            + "host;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD";
        var stringToSign = $"AWS4-HMAC-SHA256\n20130524T000000Z\n{Client.Scope}\n{SigningClient.Hash(canonical)}";
        Assert.Equal(("SignatureDoesNotMatch", 403), (error.Code, error.Status));
        Assert.Equal(
        [
            new("AWSAccessKeyId", SigningClient.ExampleKeyId),
            new("StringToSign", stringToSign),
            new("SignatureProvided", request.Headers.Authorization.ToString()[^64..]),
            new("StringToSignBytes", SpacedHex(stringToSign)),
            new("CanonicalRequest", canonical),
            new("CanonicalRequestBytes", SpacedHex(canonical)),
        ], error.Fields);
    }

    [Theory]
    [InlineData("x-amz-server-side-encryption-customer-key")]
    [InlineData("x-amz-copy-source-server-side-encryption-customer-key")]
    public async Task A_customer_key_is_not_echoed(string header)
    {
        var request = new TestRequest("PUT", "/");
        request.Headers[header] = "c2VjcmV0";
        Client.SignWithoutPayload(request);
        request.RawQuery = "changed";
        var error = await request.RefusalAsync();
        Assert.Equal("SignatureDoesNotMatch", error.Code);
        Assert.DoesNotContain(error.Fields, field => field.Value.Contains("c2VjcmV0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("zz5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf")]
    [InlineData("éé5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf")]
    [InlineData("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    public async Task Another_signature_is_refused(string signature)
    {
        var request = TestRequest.Signed();
        request.Headers.Authorization = request.Headers.Authorization.ToString()[..^64] + signature;
        var error = await request.RefusalAsync();
        Assert.Equal(signature.Length == 0 ? "AuthorizationHeaderMalformed" : "SignatureDoesNotMatch", error.Code);
    }

    [Fact]
    public async Task Another_secret_is_refused()
    {
        var request = new TestRequest("GET", "/");
        new SigningClient { Secret = "another secret" }.SignWithoutPayload(request);
        Assert.Equal("SignatureDoesNotMatch", (await request.RefusalAsync()).Code);
    }

    [Fact]
    public async Task A_key_derived_for_one_scope_serves_no_other()
    {
        var authenticator = TestRequest.Authenticator();
        foreach (var region in (string[])["us-east-1", "eu-west-1", "us-east-1"])
        {
            var request = new TestRequest("GET", "/");
            new SigningClient { Region = region }.SignWithoutPayload(request);
            Assert.Equal(region, (await authenticator.AuthenticateAsync(request.ToContext(), "id", default)).Region);
            request.ReplaceInAuthorization($"/{region}/", "/ap-south-1/");
            await Assert.ThrowsAsync<AccessException>(async () => await authenticator.AuthenticateAsync(request.ToContext(), "id", default));
        }
    }

    private static string SpacedHex(string text) => string.Join(' ', Encoding.UTF8.GetBytes(text).Select(value => value.ToString("x2", CultureInfo.InvariantCulture)));
}
