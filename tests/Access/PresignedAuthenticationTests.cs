namespace Serverless.Access.Tests;

public sealed class PresignedAuthenticationTests
{
    private static readonly SigningClient Client = new();

    private const string Missing =
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";

    [Fact]
    public async Task A_presigned_request_covers_its_headers_and_parameters_and_no_body()
    {
        var request = Presigned("x-id=PutObject");
        var signed = await request.AuthenticateAsync();
        Assert.True(signed.IsPresigned);
        Assert.Equal("UNSIGNED-PAYLOAD", signed.ContentSha256);

        request.RawQuery = request.RawQuery.Replace("PutObject", "GetObject", StringComparison.Ordinal);
        Assert.Equal("SignatureDoesNotMatch", (await request.RefusalAsync()).Code);
    }

    [Theory]
    [InlineData("X-Amz-Algorithm")]
    [InlineData("X-Amz-Credential")]
    [InlineData("X-Amz-Date")]
    [InlineData("X-Amz-Expires")]
    [InlineData("X-Amz-SignedHeaders")]
    [InlineData("X-Amz-Signature")]
    public async Task A_missing_parameter_is_refused(string name) =>
        await RefusesAsync(name, null, Missing);

    [Theory]
    [InlineData("X-Amz-Algorithm", "AWS4-HMAC-SHA1", "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")]
    [InlineData("X-Amz-Date", "2013-05-24T00:00:00Z", "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")]
    [InlineData("X-Amz-Date", "20130525T000000Z", "Invalid credential date \"20130524\". This date is not the same as X-Amz-Date: \"20130525\".")]
    [InlineData("X-Amz-Expires", "604801", "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")]
    [InlineData("X-Amz-Expires", "-1", "X-Amz-Expires must be non-negative")]
    [InlineData("X-Amz-Expires", "0", "X-Amz-Expires must be non-negative")]
    [InlineData("X-Amz-Expires", "1h", "X-Amz-Expires should be a number")]
    [InlineData("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/ec2/aws4_request", "Error parsing the X-Amz-Credential parameter; incorrect service \"ec2\". This endpoint belongs to \"s3\".")]
    [InlineData("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE", "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")]
    public async Task A_malformed_parameter_is_refused(string name, string value, string message) =>
        await RefusesAsync(name, value, message);

    [Fact]
    public async Task SigV4a_is_refused()
    {
        var request = Presigned();
        Set(request, "X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256");
        Assert.Equal(AccessErrors.UnsupportedSignature, await request.RefusalAsync());
    }

    [Fact]
    public async Task Signature_version_2_is_refused()
    {
        var request = new TestRequest("GET", "/bucket/key") { RawQuery = "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1&Signature=x" };
        Assert.Equal(AccessErrors.UnsupportedSignature, await request.RefusalAsync());
    }

    [Fact]
    public async Task Two_versions_in_one_query_are_refused()
    {
        var request = Presigned();
        request.RawQuery += "&Signature=x";
        Assert.Equal(AccessErrors.MultipleMechanisms, await request.RefusalAsync());
    }

    [Fact]
    public async Task An_amz_header_that_is_not_signed_is_refused()
    {
        var request = Presigned();
        request.Headers["x-amz-meta-b"] = "1";
        request.Headers["x-amz-meta-c"] = "2";
        Assert.Equal("x-amz-meta-b, x-amz-meta-c", (await request.RefusalAsync()).Field("HeadersNotSigned"));
    }

    [Fact]
    public async Task Another_value_of_a_signed_header_is_refused()
    {
        var request = new TestRequest("PUT", "/bucket/key");
        request.Headers["x-amz-meta-a"] = "1";
        Client.Presign(request);
        await request.AuthenticateAsync();
        request.Headers["x-amz-meta-a"] = "2";
        Assert.Equal("SignatureDoesNotMatch", (await request.RefusalAsync()).Code);
        request.Headers.Remove("x-amz-meta-a");
        Assert.Equal("SignatureDoesNotMatch", (await request.RefusalAsync()).Code);
    }

    [Fact]
    public async Task A_content_hash_that_is_a_signed_header_covers_the_body()
    {
        var request = new TestRequest("PUT", "/bucket/key") { Body = [1, 2, 3] };
        var hash = SigningClient.Hash(request.Body);
        request.Headers["x-amz-content-sha256"] = hash;
        Client.Presign(request, payloadHash: hash);
        Assert.Equal(request.Body, await request.ReadAsync());
        request.Body = [1, 2, 4];
        Assert.Equal("XAmzContentSHA256Mismatch", (await request.ReadingRefusalAsync()).Code);
    }

    [Fact]
    public async Task A_content_hash_that_is_not_a_signed_header_is_still_held_against_the_body()
    {
        var request = Presigned();
        request.Body = [1, 2, 3];
        request.Headers["x-amz-content-sha256"] = SigningClient.Hash(request.Body);
        Assert.Equal(request.Body, await request.ReadAsync());
        request.Body = [1, 2, 4];
        Assert.Equal("XAmzContentSHA256Mismatch", (await request.ReadingRefusalAsync()).Code);
    }

    [Fact]
    public async Task A_content_hash_that_is_a_parameter_counts()
    {
        var request = new TestRequest("GET", "/bucket/key") { RawQuery = "X-Amz-Content-Sha256=UNSIGNED-PAYLOAD" };
        Client.Presign(request);
        Assert.Equal("UNSIGNED-PAYLOAD", (await request.AuthenticateAsync()).ContentSha256);
    }

    [Fact]
    public async Task The_names_of_the_parameters_count_in_any_letter_case()
    {
        var request = Presigned();
        // The canonical query has the names as sent, so that this is no longer what was signed; but it is read as signed.
        request.RawQuery = request.RawQuery.Replace("X-Amz-", "x-amz-", StringComparison.Ordinal);
        var error = await request.RefusalAsync();
        Assert.Equal("SignatureDoesNotMatch", error.Code);
        Assert.DoesNotContain("x-amz-signature", error.Field("CanonicalRequest"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_token_is_refused()
    {
        var request = Presigned("X-Amz-Security-Token=token");
        Assert.Equal(AccessErrors.InvalidToken, await request.RefusalAsync());
    }

    [Theory]
    [InlineData(60, 60)]
    [InlineData(604800, 604800)]
    [InlineData(60, -900)]
    public async Task A_url_is_valid_for_its_lifetime(int expires, int after)
    {
        var request = Presigned(expires: expires);
        Assert.True((await request.AuthenticateAsync(SigningClient.ExampleTime.AddSeconds(after))).IsPresigned);
    }

    [Fact]
    public async Task A_url_is_refused_after_its_lifetime()
    {
        var error = await Presigned(expires: 60).RefusalAsync(SigningClient.ExampleTime.AddMilliseconds(60_001));
        Assert.Equal(("AccessDenied", 403, "Request has expired"), (error.Code, error.Status, error.Message));
        Assert.Equal([new("X-Amz-Expires", "60"), new("Expires", "2013-05-24T00:01:00Z"), new("ServerTime", "2013-05-24T00:01:00Z")], error.Fields);
    }

    [Fact]
    public async Task A_url_is_refused_long_before_its_time()
    {
        var error = await Presigned().RefusalAsync(SigningClient.ExampleTime.AddSeconds(-901));
        Assert.Equal(("AccessDenied", 403, "Request is not yet valid"), (error.Code, error.Status, error.Message));
        Assert.Equal([new("X-Amz-Date", "20130524T000000Z"), new("ServerTime", "2013-05-23T23:44:59Z")], error.Fields);
    }

    [Fact]
    public async Task The_last_second_that_there_is_does_no_harm()
    {
        var request = new TestRequest("GET", "/bucket/key");
        new SigningClient { Now = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero) }.Presign(request, 604800);
        Assert.Equal("Request is not yet valid", (await request.RefusalAsync()).Message);
    }

    [Fact]
    public async Task The_signature_is_judged_before_the_time()
    {
        var request = Presigned(expires: 60);
        Set(request, "X-Amz-Signature", "00");
        Assert.Equal("SignatureDoesNotMatch", (await request.RefusalAsync(SigningClient.ExampleTime.AddDays(1))).Code);
    }

    private static TestRequest Presigned(string query = "", long expires = 3600)
    {
        var request = new TestRequest("PUT", "/bucket/key") { RawQuery = query };
        Client.Presign(request, expires);
        return request;
    }

    private static async Task RefusesAsync(string name, string? value, string message)
    {
        var request = Presigned();
        Set(request, name, value);
        var error = await request.RefusalAsync();
        Assert.Equal(("AuthorizationQueryParametersError", 400, message), (error.Code, error.Status, error.Message));
    }

    private static void Set(TestRequest request, string name, string? value)
    {
        var others = request.RawQuery.Split('&').Where(pair => !pair.StartsWith(name + "=", StringComparison.Ordinal));
        request.RawQuery = string.Join('&', value is null ? others : others.Append($"{name}={value}"));
    }
}
