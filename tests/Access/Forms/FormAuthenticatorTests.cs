using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.Access.Tests.Forms;

public sealed class FormAuthenticatorTests
{
    private const string Bucket = "sigv4examplebucket";
    private const string Credential = $"{SigningClient.ExampleKeyId}/20151229/us-east-1/s3/aws4_request";
    private const string Date = "20151229T000000Z";

    /// <summary>The policy of AWS's worked example (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html), whose lines end with CR and LF.</summary>
    private static readonly string DocumentedPolicy = string.Join("\r\n",
        "{ \"expiration\": \"2015-12-30T12:00:00.000Z\",",
        "  \"conditions\": [",
        "    {\"bucket\": \"sigv4examplebucket\"},",
        "    [\"starts-with\", \"$key\", \"user/user1/\"],",
        "    {\"acl\": \"public-read\"},",
        "    {\"success_action_redirect\": \"http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html\"},",
        "    [\"starts-with\", \"$Content-Type\", \"image/\"],",
        "    {\"x-amz-meta-uuid\": \"14365123651274\"},",
        "    {\"x-amz-server-side-encryption\": \"AES256\"},",
        "    [\"starts-with\", \"$x-amz-meta-tag\", \"\"],",
        "",
        $"    {{\"x-amz-credential\": \"{Credential}\"}},",
        "    {\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"},",
        $"    {{\"x-amz-date\": \"{Date}\" }}",
        "  ]",
        "}");

    private FakeTimeProvider _time = new(new DateTimeOffset(2015, 12, 29, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task The_documented_form_is_its_signers()
    {
        var fields = Documented();
        var signed = await AuthenticateAsync(fields);
        Assert.Equal((SigningClient.ExampleKeyId, "us-east-1", "s3", true, false, false), (signed!.Request.Caller.Principal.AccessKeyId, signed.Request.Region, signed.Request.Service,
            signed.Request.IsForm, signed.Request.IsAnonymous, signed.Request.IsPresigned));
        Assert.Equal(new DateTimeOffset(2015, 12, 29, 0, 0, 0, TimeSpan.Zero), signed.Request.SignedAt);
        Assert.Equal("request-id", signed.Request.Caller.RequestId);
    }

    /// <summary>What botocore's generate_presigned_post makes for the same credentials at that time: the signature was computed with botocore.</summary>
    [Fact]
    public async Task A_presigned_post_of_botocore_is_its_signers()
    {
        var policy = "{\"expiration\": \"2015-12-29T01:00:00Z\", \"conditions\": [{\"bucket\": \"sigv4examplebucket\"}, {\"key\": \"user/user1/photo.jpg\"}, "
            + $"{{\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"}}, {{\"x-amz-credential\": \"{Credential}\"}}, {{\"x-amz-date\": \"{Date}\"}}]}}";
        _time = new(new DateTimeOffset(2015, 12, 29, 0, 59, 59, TimeSpan.Zero));
        var fields = Form(policy, ("key", "user/user1/photo.jpg"), ("x-amz-signature", "3364624b39010d9b06f5d9b8c9a18a6e478d261c048159c92f2fd6fa885f14e6"));
        Assert.NotNull(await AuthenticateAsync(fields));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(FormErrors.PolicyExpired, await RefusalAsync(fields));
    }

    [Fact]
    public async Task A_form_without_any_signature_is_nobodys_also_with_a_policy()
    {
        Assert.Null(await AuthenticateAsync(new()));
        Assert.Null(await AuthenticateAsync(Fields(("key", "k"), ("policy", "cG9saWN5"))));
    }

    [Theory]
    [InlineData("x-amz-signature", "X-Amz-Signature")]
    [InlineData("x-amz-algorithm", "X-Amz-Algorithm")]
    [InlineData("x-amz-credential", "X-Amz-Credential")]
    [InlineData("x-amz-date", "X-Amz-Date")]
    [InlineData("policy", "policy")]
    public async Task A_form_that_is_signed_in_part_is_told_what_it_lacks(string without, string named)
    {
        var refused = await RefusalAsync(Documented(without: without));
        Assert.Equal(("InvalidArgument", 400, $"Bucket POST must contain a field named '{named}'.  If it is specified, please check the order of the fields.", named, ""),
            (refused.Code, refused.Status, refused.Message, refused.Field("ArgumentName"), refused.Field("ArgumentValue")));
    }

    public static TheoryData<string, string, string, string?> Wrong() => new()
    {
        { "x-amz-algorithm", "AWS4-HMAC-SHA1", "InvalidArgument", "X-Amz-Algorithm" },
        { "x-amz-credential", $"{SigningClient.ExampleKeyId}/20151229/us-east-1/s3", "InvalidArgument", "X-Amz-Credential" },
        { "x-amz-credential", $"{SigningClient.ExampleKeyId}/2015-12-29/us-east-1/s3/aws4_request", "InvalidArgument", "X-Amz-Credential" },
        { "x-amz-credential", $"{SigningClient.ExampleKeyId}/20151229/us-east-1/kms/aws4_request", "InvalidArgument", "X-Amz-Credential" },
        { "x-amz-credential", $"{SigningClient.ExampleKeyId}/20151229/us-east-1/ec2/aws4_request", "InvalidArgument", "X-Amz-Credential" },
        { "x-amz-credential", $"{SigningClient.ExampleKeyId}/20151229/us-east-1/s3/aws5_request", "InvalidArgument", "X-Amz-Credential" },
        { "x-amz-credential", $"{SigningClient.ExampleKeyId}/20151228/us-east-1/s3/aws4_request", "InvalidArgument", "X-Amz-Credential" },
        { "x-amz-credential", "/20151229/us-east-1/s3/aws4_request", "InvalidArgument", "X-Amz-Credential" },
        { "x-amz-date", "2015-12-29T00:00:00Z", "InvalidArgument", "X-Amz-Date" },
        { "x-amz-credential", "AKIAUNKNOWNUNKNOWN01/20151229/us-east-1/s3/aws4_request", "InvalidAccessKeyId", null },
        { "x-amz-credential", $"{SigningClient.ExampleKeyId}/20151229/eu-west-1/s3/aws4_request", "SignatureDoesNotMatch", null },
        { "x-amz-signature", "9afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e", "SignatureDoesNotMatch", null },
        { "x-amz-signature", "", "SignatureDoesNotMatch", null },
        { "policy", "eyAiZXhwaXJhdGlvbiI6ICIy", "SignatureDoesNotMatch", null },
        { "x-amz-security-token", "token", "InvalidToken", null },
        { "AWSAccessKeyId", SigningClient.ExampleKeyId, "InvalidRequest", null },
        { "signature", "c2lnbmF0dXJl", "InvalidRequest", null },
        // Signed and not allowed.
        { "key", "user/user2/photo.jpg", "AccessDenied", null },
        { "acl", "private", "AccessDenied", null },
        { "Content-Type", "text/html", "AccessDenied", null },
        { "x-amz-meta-more", "1", "AccessDenied", null },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_form_that_was_changed_is_refused(string field, string value, string code, string? argument)
    {
        var refused = await RefusalAsync(Documented(without: field, (field, value)));
        Assert.Equal((code, argument), (refused.Code, refused.Field("ArgumentName")));
        if (argument is not null) Assert.Equal(value, refused.Field("ArgumentValue"));
        if (code == "InvalidAccessKeyId") Assert.Equal("AKIAUNKNOWNUNKNOWN01", refused.Field("AWSAccessKeyId"));
    }

    [Fact]
    public async Task A_policy_counts_for_the_bucket_that_it_names_only() => Assert.Equal(FormErrors.ConditionFailed("[\"eq\", \"$bucket\", \"sigv4examplebucket\"]").Message,
        (await Assert.ThrowsAsync<AccessException>(() => AuthenticateAsync(Documented(), bucket: "other"))).Error.Message);

    [Fact]
    public async Task A_wrong_signature_shows_what_was_signed_but_never_with_a_customers_key()
    {
        var refused = await RefusalAsync(Documented(without: "x-amz-signature", ("x-amz-signature", new string('0', 64))));
        Assert.Equal((Base64(DocumentedPolicy), new string('0', 64), SigningClient.ExampleKeyId, null),
            (refused.Field("StringToSign"), refused.Field("SignatureProvided"), refused.Field("AWSAccessKeyId"), refused.Field("CanonicalRequest")));
        refused = await RefusalAsync(Documented(without: "x-amz-signature", ("x-amz-signature", new string('0', 64)), ("X-amz-server-side-encryption-customer-key", "secret")));
        Assert.Equal(("SignatureDoesNotMatch", ""), (refused.Code, refused.Field("StringToSign")));
    }

    [Theory]
    [InlineData(-16, "AccessDenied", "Request is not yet valid")]
    [InlineData(-14, null, null)]
    [InlineData((7 * 24 * 60) - 1, null, null)]
    [InlineData((7 * 24 * 60) + 1, "AccessDenied", "Invalid according to Policy: Policy expired.")]
    public async Task A_signature_is_good_for_a_week_whatever_the_policy_says(int minutesOld, string? code, string? message)
    {
        var policy = $$"""{"expiration":"2099-01-01T00:00:00Z","conditions":[["starts-with","$bucket",""],["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]]}""";
        var fields = Form(policy, ("x-amz-signature", Sign(Base64(policy))));
        _time = new(new DateTimeOffset(2015, 12, 29, 0, 0, 0, TimeSpan.Zero).AddMinutes(minutesOld));
        if (code is null) Assert.NotNull(await AuthenticateAsync(fields));
        else Assert.Equal((code, message), ((await RefusalAsync(fields)).Code, (await RefusalAsync(fields)).Message));
    }

    [Fact]
    public async Task A_form_is_signed_in_one_way_only()
    {
        var header = new TestRequest("POST", "/bucket");
        new SigningClient { Now = _time.GetUtcNow() }.SignWithoutPayload(header);
        Assert.Null(await AuthenticateAsync(Fields(("key", "k")), request: header));
        Assert.Equal(AccessErrors.MultipleMechanisms, (await Assert.ThrowsAsync<AccessException>(() => AuthenticateAsync(Documented(), request: header))).Error);
        var query = new TestRequest("POST", "/bucket");
        new SigningClient { Now = _time.GetUtcNow() }.Presign(query);
        Assert.Equal(FormErrors.QueryNotSupported, (await Assert.ThrowsAsync<AccessException>(() => AuthenticateAsync(Fields(("key", "k")), request: query))).Error);
    }

    private async Task<SignedForm?> AuthenticateAsync(FormFields fields, string bucket = Bucket, TestRequest? request = null)
    {
        var signed = await (request ?? new TestRequest("POST", "/" + bucket)).AuthenticateAsync(_time.GetUtcNow());
        using var root = new RootCredentials(
            Options.Create(new AccessOptions { RootAccessKeyId = SigningClient.ExampleKeyId, RootSecretAccessKey = SigningClient.ExampleSecret }), new ServiceIdentity());
        return await new FormAuthenticator(root, _time).AuthenticateAsync(signed, fields, bucket, default);
    }

    private async Task<AccessError> RefusalAsync(FormFields fields) => (await Assert.ThrowsAsync<AccessException>(() => AuthenticateAsync(fields))).Error;

    private static FormFields Documented(string? without = null, params (string, string)[] others) => Fields(
    [
        .. ((string Name, string Value)[])
        [
            ("key", "user/user1/photo.jpg"), ("acl", "public-read"), ("success_action_redirect", "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"),
            ("Content-Type", "image/jpeg"), ("x-amz-meta-uuid", "14365123651274"), ("x-amz-server-side-encryption", "AES256"), ("X-Amz-Credential", Credential),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Date", Date), ("x-amz-meta-tag", ""), ("Policy", Base64(DocumentedPolicy)),
            ("X-Amz-Signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"),
        ],
    ], without, others);

    private static FormFields Form(string policy, params (string, string)[] others) =>
        Fields([("x-amz-credential", Credential), ("x-amz-algorithm", "AWS4-HMAC-SHA256"), ("x-amz-date", Date), ("policy", Base64(policy))], null, others);

    private static FormFields Fields((string Name, string Value)[] fields, string? without, (string, string)[] others) =>
        Fields([.. fields.Where(field => !field.Name.Equals(without, StringComparison.OrdinalIgnoreCase)), .. others]);

    private static FormFields Fields(params (string Name, string Value)[] fields)
    {
        var form = new FormFields();
        foreach (var (name, value) in fields) form.Add(name, value);
        return form;
    }

    private static string Sign(string policy)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + SigningClient.ExampleSecret);
        foreach (var part in (string[])["20151229", "us-east-1", "s3", "aws4_request"]) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(policy)));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
