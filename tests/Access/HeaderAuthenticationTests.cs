using System.Globalization;
using System.Text;

namespace Serverless.Access.Tests;

public sealed class HeaderAuthenticationTests
{
    private static readonly SigningClient Client = new();

    [Fact]
    public async Task A_signed_request_names_its_caller()
    {
        var request = Signed();
        request.Headers.UserAgent = "aws-cli/2";
        var signed = await request.AuthenticateAsync();
        Assert.Equal(Principal.Root("123456789012", SigningClient.ExampleKeyId), signed.Caller.Principal);
        Assert.Equal("aws-cli/2", signed.Caller.UserAgent);
        Assert.False(signed.Caller.IsSecureTransport);
        Assert.Equal("/bucket/key", signed.Target.Path);
    }

    [Theory]
    [InlineData("/bucket/a%20b/a+b")]
    [InlineData("/bucket/%c3%bc/%E4%B8%AD")]
    [InlineData("/bucket/!*'()~=&:@$,;")]
    [InlineData("/bucket/%21%2A%27%28%29%7E%3D%26%3A")]
    [InlineData("/bucket//a/./b/../c//")]
    [InlineData("/bucket/100%25/%2541")]
    public async Task A_path_is_canonical_however_much_of_it_the_client_encodes(string rawPath)
    {
        var request = Signed(rawPath);
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
        Sign(request);
        Assert.Equal(rawQuery, (await request.AuthenticateAsync()).Target.RawQuery);
    }

    [Fact]
    public async Task A_header_value_is_canonical_without_its_outer_and_repeated_blanks()
    {
        var request = new TestRequest("GET", "/");
        request.Headers["x-amz-meta-s"] = "a b c";
        Sign(request);
        request.Headers["x-amz-meta-s"] = "  a   b \t c ";
        await request.AuthenticateAsync();
    }

    [Fact]
    public async Task A_header_sent_twice_is_canonical_as_one_joined_by_a_comma()
    {
        var request = new TestRequest("GET", "/");
        request.Headers["x-amz-meta-s"] = "b,a";
        Sign(request);
        request.Headers["x-amz-meta-s"] = new(["b", " a "]);
        await request.AuthenticateAsync();
    }

    [Fact]
    public async Task Upper_case_digits_in_the_signature_are_accepted()
    {
        var request = Signed();
        var authorization = request.Headers.Authorization.ToString();
        request.Headers.Authorization = authorization[..^64] + authorization[^64..].ToUpperInvariant();
        await request.AuthenticateAsync();
    }

    [Fact]
    public async Task The_content_hash_need_not_be_a_signed_header()
    {
        var request = new TestRequest("GET", "/");
        Client.Sign(request, SigV4.EmptyHash);
        request.Headers["x-amz-content-sha256"] = SigV4.EmptyHash;
        Assert.Equal(SigV4.EmptyHash, (await request.AuthenticateAsync()).ContentSha256);
    }

    [Theory]
    [InlineData("Fri, 24 May 2013 00:00:00 GMT")]
    [InlineData("20130524T000000Z")]
    public async Task The_date_header_serves_where_there_is_no_x_amz_date(string date)
    {
        var request = Signed();
        request.Headers.Remove("x-amz-date");
        request.Headers.Date = date;
        Replace(request, "x-amz-date", "date");
        var mismatch = await request.RefusalAsync();
        Assert.Equal("SignatureDoesNotMatch", mismatch.Code);
        Assert.StartsWith("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n", mismatch.Field("StringToSign"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_request_gets_the_strings_that_the_server_signed_and_nothing_secret()
    {
        var request = Signed();
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
        Sign(request);
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
        var request = Signed();
        request.Headers.Authorization = request.Headers.Authorization.ToString()[..^64] + signature;
        var error = await request.RefusalAsync();
        Assert.Equal(signature.Length == 0 ? "AuthorizationHeaderMalformed" : "SignatureDoesNotMatch", error.Code);
    }

    [Theory]
    [InlineData("AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=", "InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")]
    [InlineData("AWS4-ECDSA-P256-SHA256 Credential=a", "InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")]
    [InlineData("Bearer token", "InvalidArgument", "Unsupported Authorization Type")]
    [InlineData("garbage", "InvalidArgument", "Unsupported Authorization Type")]
    [InlineData("AWS4-HMAC-SHA256", "AuthorizationHeaderMalformed", "The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b", "AuthorizationHeaderMalformed", "The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c, More=d", "AuthorizationHeaderMalformed", "The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.")]
    public async Task An_authorization_header_of_another_form_is_refused(string authorization, string code, string message)
    {
        var request = Signed();
        request.Headers.Authorization = authorization;
        var error = await request.RefusalAsync();
        Assert.Equal((code, 400, message), (error.Code, error.Status, error.Message));
        Assert.Null(error.Field("ArgumentValue"));
    }

    [Theory]
    [InlineData("/us-east-1/", "/", "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")]
    [InlineData("/us-east-1/", "/us/east-1/", "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")]
    [InlineData("/20130524/", "/2013052/", "incorrect date format \"2013052\". This date in the credential must be in the format \"yyyyMMdd\".")]
    [InlineData("/20130524/", "/2013o524/", "incorrect date format \"2013o524\". This date in the credential must be in the format \"yyyyMMdd\".")]
    [InlineData("/20130524/", "/20130523/", "Invalid credential date \"20130523\". This date is not the same as X-Amz-Date: \"20130524\".")]
    [InlineData("/s3/", "/ec2/", "incorrect service \"ec2\". This endpoint belongs to \"s3\".")]
    [InlineData("/aws4_request", "/aws4_reques", "incorrect terminal \"aws4_reques\". This endpoint uses \"aws4_request\".")]
    public async Task A_malformed_credential_is_refused(string part, string replacement, string detail)
    {
        var request = Signed();
        Replace(request, part, replacement);
        var error = await request.RefusalAsync();
        Assert.Equal(("AuthorizationHeaderMalformed", 400, "The authorization header is malformed; " + detail), (error.Code, error.Status, error.Message));
    }

    [Fact]
    public async Task A_credential_too_long_to_be_one_is_refused()
    {
        var request = Signed();
        Replace(request, "us-east-1", new string('r', 300));
        Assert.Equal("AuthorizationHeaderMalformed", (await request.RefusalAsync()).Code);
    }

    [Fact]
    public async Task An_unknown_access_key_is_refused()
    {
        var request = new TestRequest("GET", "/");
        Sign(request, new SigningClient { AccessKeyId = "AKIAUNKNOWNUNKNOWN" });
        var error = await request.RefusalAsync();
        Assert.Equal(("InvalidAccessKeyId", 403, "AKIAUNKNOWNUNKNOWN"), (error.Code, error.Status, error.Field("AWSAccessKeyId")));
    }

    [Fact]
    public async Task Another_secret_is_refused()
    {
        var request = new TestRequest("GET", "/");
        Sign(request, new SigningClient { Secret = "another secret" });
        Assert.Equal("SignatureDoesNotMatch", (await request.RefusalAsync()).Code);
    }

    [Theory]
    [InlineData("x-amz-meta-color", "red")]
    [InlineData("X-Amz-Acl", "public-read")]
    public async Task An_amz_header_that_is_not_signed_is_refused(string header, string value)
    {
        var request = Signed();
        request.Headers[header] = value;
        var error = await request.RefusalAsync();
        Assert.Equal(("AccessDenied", 403, "There were headers present in the request which were not signed"), (error.Code, error.Status, error.Message));
        Assert.Equal(header.ToLowerInvariant(), error.Field("HeadersNotSigned"));
    }

    [Fact]
    public async Task The_host_must_be_signed()
    {
        var request = Signed();
        Replace(request, "SignedHeaders=host;", "SignedHeaders=");
        Assert.Equal("host", (await request.RefusalAsync()).Field("HeadersNotSigned"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2013-05-24T00:00:00Z")]
    public async Task A_request_without_a_valid_date_is_refused(string? date)
    {
        var request = Signed();
        request.Headers["x-amz-date"] = date;
        var error = await request.RefusalAsync();
        Assert.Equal(("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"), (error.Code, error.Status, error.Message));
    }

    [Fact]
    public async Task A_request_without_content_hash_is_refused()
    {
        var request = new TestRequest("GET", "/");
        Client.Sign(request, SigV4.EmptyHash);
        var error = await request.RefusalAsync();
        Assert.Equal(("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256"), (error.Code, error.Status, error.Message));
    }

    [Theory]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85")]
    [InlineData("g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")]
    [InlineData("unsigned-payload")]
    public async Task A_content_hash_that_is_none_is_refused(string value)
    {
        var request = new TestRequest("GET", "/");
        request.Headers["x-amz-content-sha256"] = value;
        Client.Sign(request, value);
        var error = await request.RefusalAsync();
        Assert.Equal(("InvalidArgument", 400), (error.Code, error.Status));
        Assert.StartsWith("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, ", error.Message, StringComparison.Ordinal);
        Assert.Equal(("x-amz-content-sha256", value), (error.Field("ArgumentName"), error.Field("ArgumentValue")));
    }

    [Fact]
    public async Task A_session_token_is_refused()
    {
        var request = new TestRequest("GET", "/");
        request.Headers["x-amz-security-token"] = "token";
        Sign(request);
        Assert.Equal(("InvalidToken", 400), Of(await request.RefusalAsync()));
    }

    [Theory]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256")]
    [InlineData("X-Amz-Signature=0")]
    [InlineData("Signature=0&AWSAccessKeyId=a")]
    public async Task More_than_one_mechanism_is_refused(string query)
    {
        var request = Signed();
        request.RawQuery = query;
        var error = await request.RefusalAsync();
        Assert.Equal(("InvalidArgument", 400), Of(error));
        Assert.StartsWith("Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, ", error.Message, StringComparison.Ordinal);
        Assert.Equal([new("ArgumentName", "Authorization")], error.Fields);
    }

    [Theory]
    [InlineData(-900)]
    [InlineData(900)]
    public async Task A_request_is_valid_for_a_quarter_of_an_hour_either_way(int seconds) =>
        await Signed().AuthenticateAsync(SigningClient.ExampleTime.AddSeconds(seconds));

    [Theory]
    [InlineData(-901)]
    [InlineData(901)]
    public async Task A_request_is_refused_beyond_a_quarter_of_an_hour(int seconds)
    {
        var now = SigningClient.ExampleTime.AddSeconds(seconds);
        var error = await Signed().RefusalAsync(now);
        Assert.Equal(("RequestTimeTooSkewed", 403), Of(error));
        Assert.Equal("The difference between the request time and the current time is too large.", error.Message);
        Assert.Equal(
            [new("RequestTime", "20130524T000000Z"), new("ServerTime", $"{now:yyyy-MM-ddTHH:mm:ss}Z"), new("MaxAllowedSkewMilliseconds", "900000")], error.Fields);
    }

    [Fact]
    public async Task The_region_is_left_to_the_api_to_judge()
    {
        var request = new TestRequest("GET", "/");
        Sign(request, new SigningClient { Region = "eu-west-1" });
        Assert.Equal("eu-west-1", (await request.AuthenticateAsync()).Region);
        var error = AccessErrors.WrongRegion(false, "eu-west-1", "us-east-1");
        Assert.Equal(("AuthorizationHeaderMalformed", 400), Of(error));
        Assert.Equal("The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'", error.Message);
        Assert.Equal([new("Region", "us-east-1")], error.Fields);
        Assert.Equal("Error parsing the X-Amz-Credential parameter; the region 'eu-west-1' is wrong; expecting 'us-east-1'",
            AccessErrors.WrongRegion(true, "eu-west-1", "us-east-1").Message);
    }

    [Theory]
    [InlineData("kms")]
    [InlineData("cloudtrail")]
    [InlineData("iam")]
    [InlineData("sts")]
    public async Task Another_service_signs_the_body_itself_and_can_be_read(string service)
    {
        var request = new TestRequest("POST", "/") { Body = "{\"KeyId\":\"alias/x\"}"u8.ToArray(), Pieces = [3] };
        new SigningClient { Service = service }.Sign(request, SigningClient.Hash(request.Body));
        Assert.Equal(service, (await request.AuthenticateAsync()).Service);
        Assert.Equal("{\"KeyId\":\"alias/x\"}", Encoding.UTF8.GetString(await request.ReadAsync()));

        request.Body[3] ^= 1;
        Assert.Equal("SignatureDoesNotMatch", (await request.RefusalAsync()).Code);
    }

    [Fact]
    public async Task Another_services_path_is_normalised_and_encoded_again()
    {
        var request = new TestRequest("POST", "/a//./b%20c/../d%20e/");
        new SigningClient { Service = "iam" }.Sign(request, SigV4.EmptyHash, canonicalPath: "/a/d%2520e/");
        await request.AuthenticateAsync();
    }

    [Fact]
    public async Task Another_services_unsigned_payload_is_not_believed()
    {
        var request = new TestRequest("POST", "/") { Body = [1, 2, 3] };
        request.Headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        new SigningClient { Service = "kms" }.Sign(request, "UNSIGNED-PAYLOAD");
        Assert.Equal("SignatureDoesNotMatch", (await request.RefusalAsync()).Code);
    }

    [Fact]
    public async Task Another_services_body_is_bounded()
    {
        var request = new TestRequest("POST", "/") { Body = new byte[BodyHash.MaxLength + 1] };
        new SigningClient { Service = "kms" }.Sign(request, SigningClient.Hash(request.Body));
        Assert.Equal("EntityTooLarge", (await request.RefusalAsync()).Code);
    }

    [Fact]
    public async Task A_key_derived_for_one_scope_serves_no_other()
    {
        using var authenticator = TestRequest.Authenticator();
        foreach (var region in (string[])["us-east-1", "eu-west-1", "us-east-1"])
        {
            var request = new TestRequest("GET", "/");
            Sign(request, new SigningClient { Region = region });
            Assert.Equal(region, (await authenticator.AuthenticateAsync(request.ToContext(), "id", default)).Region);
            Replace(request, $"/{region}/", "/ap-south-1/");
            await Assert.ThrowsAsync<AccessException>(async () => await authenticator.AuthenticateAsync(request.ToContext(), "id", default));
        }
    }

    private static (string, int) Of(AccessError error) => (error.Code, error.Status);

    private static TestRequest Signed(string rawPath = "/bucket/key")
    {
        var request = new TestRequest("GET", rawPath);
        Sign(request);
        return request;
    }

    private static void Sign(TestRequest request, SigningClient? client = null)
    {
        request.Headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        (client ?? Client).Sign(request, "UNSIGNED-PAYLOAD");
    }

    private static void Replace(TestRequest request, string part, string replacement) =>
        request.Headers.Authorization = request.Headers.Authorization.ToString().Replace(part, replacement, StringComparison.Ordinal);

    private static string SpacedHex(string text) => string.Join(' ', Encoding.UTF8.GetBytes(text).Select(value => value.ToString("x2", CultureInfo.InvariantCulture)));
}
