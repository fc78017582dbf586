using System.Text;

namespace Serverless.Access.Tests;

public sealed class OtherServiceTests
{
    [Theory]
    [InlineData("kms")]
    [InlineData("cloudtrail")]
    [InlineData("sse")]
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
}
