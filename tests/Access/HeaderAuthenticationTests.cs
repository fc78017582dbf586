namespace Serverless.Access.Tests;

public sealed class HeaderAuthenticationTests
{
    private static readonly SigningClient Client = new();

    [Fact]
    public async Task A_signed_request_names_its_caller()
    {
        var request = TestRequest.Signed();
        request.Headers.UserAgent = "aws-cli/2";
        var signed = await request.AuthenticateAsync();
        Assert.Equal(Principal.Root("123456789012", SigningClient.ExampleKeyId), signed.Caller.Principal);
        Assert.Equal("aws-cli/2", signed.Caller.UserAgent);
        Assert.False(signed.Caller.IsSecureTransport);
        Assert.Equal("/bucket/key", signed.Target.Path);
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
        var request = TestRequest.Signed();
        request.Headers.Remove("x-amz-date");
        request.Headers.Date = date;
        request.ReplaceInAuthorization("x-amz-date", "date");
        var mismatch = await request.RefusalAsync();
        Assert.Equal("SignatureDoesNotMatch", mismatch.Code);
        Assert.StartsWith("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n", mismatch.Field("StringToSign"), StringComparison.Ordinal);
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
        var request = TestRequest.Signed();
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
        var request = TestRequest.Signed();
        request.ReplaceInAuthorization(part, replacement);
        var error = await request.RefusalAsync();
        Assert.Equal(("AuthorizationHeaderMalformed", 400, "The authorization header is malformed; " + detail), (error.Code, error.Status, error.Message));
    }

    [Fact]
    public async Task A_credential_too_long_to_be_one_is_refused()
    {
        var request = TestRequest.Signed();
        request.ReplaceInAuthorization("us-east-1", new string('r', 300));
        Assert.Equal("AuthorizationHeaderMalformed", (await request.RefusalAsync()).Code);
    }

    [Fact]
    public async Task An_unknown_access_key_is_refused()
    {
        var request = new TestRequest("GET", "/");
        new SigningClient { AccessKeyId = "AKIAUNKNOWNUNKNOWN" }.SignWithoutPayload(request);
        var error = await request.RefusalAsync();
        Assert.Equal(("InvalidAccessKeyId", 403, "AKIAUNKNOWNUNKNOWN"), (error.Code, error.Status, error.Field("AWSAccessKeyId")));
    }

    [Theory]
    [InlineData("x-amz-meta-color", "red")]
    [InlineData("X-Amz-Acl", "public-read")]
    public async Task An_amz_header_that_is_not_signed_is_refused(string header, string value)
    {
        var request = TestRequest.Signed();
        request.Headers[header] = value;
        var error = await request.RefusalAsync();
        Assert.Equal(("AccessDenied", 403, "There were headers present in the request which were not signed"), (error.Code, error.Status, error.Message));
        Assert.Equal(header.ToLowerInvariant(), error.Field("HeadersNotSigned"));
    }

    [Fact]
    public async Task The_host_must_be_signed()
    {
        var request = TestRequest.Signed();
        request.ReplaceInAuthorization("SignedHeaders=host;", "SignedHeaders=");
        Assert.Equal("host", (await request.RefusalAsync()).Field("HeadersNotSigned"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2013-05-24T00:00:00Z")]
    public async Task A_request_without_a_valid_date_is_refused(string? date)
    {
        var request = TestRequest.Signed();
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
        Client.SignWithoutPayload(request);
        Assert.Equal(("InvalidToken", 400), Of(await request.RefusalAsync()));
    }

    [Theory]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256")]
    [InlineData("X-Amz-Signature=0")]
    [InlineData("Signature=0&AWSAccessKeyId=a")]
    public async Task More_than_one_mechanism_is_refused(string query)
    {
        var request = TestRequest.Signed();
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
        await TestRequest.Signed().AuthenticateAsync(SigningClient.ExampleTime.AddSeconds(seconds));

    [Theory]
    [InlineData(-901)]
    [InlineData(901)]
    public async Task A_request_is_refused_beyond_a_quarter_of_an_hour(int seconds)
    {
        var now = SigningClient.ExampleTime.AddSeconds(seconds);
        var error = await TestRequest.Signed().RefusalAsync(now);
        Assert.Equal(("RequestTimeTooSkewed", 403), Of(error));
        Assert.Equal("The difference between the request time and the current time is too large.", error.Message);
        Assert.Equal(
            [new("RequestTime", "20130524T000000Z"), new("ServerTime", $"{now:yyyy-MM-ddTHH:mm:ss}Z"), new("MaxAllowedSkewMilliseconds", "900000")], error.Fields);
    }

    [Fact]
    public async Task The_region_is_left_to_the_api_to_judge()
    {
        var request = new TestRequest("GET", "/");
        new SigningClient { Region = "eu-west-1" }.SignWithoutPayload(request);
        Assert.Equal("eu-west-1", (await request.AuthenticateAsync()).Region);
        var error = AccessErrors.WrongRegion(false, "eu-west-1", "us-east-1");
        Assert.Equal(("AuthorizationHeaderMalformed", 400), Of(error));
        Assert.Equal("The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'", error.Message);
        Assert.Equal([new("Region", "us-east-1")], error.Fields);
        Assert.Equal("Error parsing the X-Amz-Credential parameter; the region 'eu-west-1' is wrong; expecting 'us-east-1'",
            AccessErrors.WrongRegion(true, "eu-west-1", "us-east-1").Message);
    }

    private static (string, int) Of(AccessError error) => (error.Code, error.Status);
}
