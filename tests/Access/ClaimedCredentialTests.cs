namespace Serverless.Access.Tests;

public sealed class ClaimedCredentialTests
{
    private const string Id = SigningClient.ExampleKeyId;

    [Theory]
    [InlineData($"AWS4-HMAC-SHA256 Credential={Id}/20130524/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=abc", Id, "kms")]
    [InlineData($"AWS4-HMAC-SHA256 SignedHeaders=host,Signature=abc,Credential={Id}/20130524/us-east-1/s3/aws4_request", Id, "s3")]
    [InlineData($"AWS4-HMAC-SHA256 Credential={Id}", Id, "")]
    [InlineData($"AWS {Id}:c2lnbmF0dXJl", Id, "")]
    [InlineData("AWS4-HMAC-SHA256 Credential=too-short/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=abc", null, "")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKIA<script>alert(1)</script>/20130524/us-east-1/s3/aws4_request", null, "")]
    [InlineData($"XCredential={Id}/20130524/us-east-1/s3/aws4_request", null, "")]
    [InlineData($"Bearer {Id}", null, "")]
    public void A_header_claims_an_access_key_and_a_service(string authorization, string? id, string service)
    {
        var headers = new HeaderDictionary { ["Authorization"] = authorization };
        Assert.Equal(new(id, service, "AuthHeader"), ClaimedCredential.Of(headers, QueryParameters.Parse("")));
    }

    [Theory]
    [InlineData($"X-Amz-Credential={Id}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=abc", Id, "s3")]
    [InlineData($"x-amz-credential={Id}", Id, "")]
    [InlineData($"AWSAccessKeyId={Id}&Signature=abc", Id, "")]
    [InlineData("X-Amz-Credential=%00%00&X-Amz-Signature=abc", null, "")]
    [InlineData("X-Amz-Signature=abc", null, "")]
    public void So_does_a_query(string query, string? id, string service) =>
        Assert.Equal(new(id, service, "QueryString"), ClaimedCredential.Of(new HeaderDictionary(), QueryParameters.Parse(query)));

    [Fact]
    public void Who_does_not_sign_claims_nothing()
    {
        Assert.Null(ClaimedCredential.Of(new HeaderDictionary(), QueryParameters.Parse("prefix=a&AWS=b")));
        Assert.Null(ClaimedCredential.Of(new HeaderDictionary(), null));
    }
}
