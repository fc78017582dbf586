using System.Net;
using System.Text.Json;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Authentication;

/// <summary>A request that is not signed as it should be is refused with S3's error, and does nothing.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class SignatureTests(ServiceFixture service)
{
    private static readonly SigV4 Right = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, TestAccount.Region, "s3", DateTimeOffset.UtcNow);

    [Fact]
    public async Task Another_secret() => await RefusedAsync(request => request with { Signer = Right with { SecretAccessKey = "AnotherSecretAccessKey0123456789abcdefgh", Time = DateTimeOffset.UtcNow } },
        403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.");

    [Fact]
    public async Task An_unknown_key_id() => await RefusedAsync(request => request with { Signer = Right with { AccessKeyId = "AKIAUNKNOWNUNKNOWN01", Time = DateTimeOffset.UtcNow } },
        403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");

    [Theory]
    [InlineData(-16)]
    [InlineData(16)]
    public async Task A_clock_that_is_wrong_by_more_than_15_minutes(int minutes) => await RefusedAsync(request => request with { Signer = Right with { Time = DateTimeOffset.UtcNow.AddMinutes(minutes) } },
        403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.");

    [Fact]
    public async Task No_signature() => await RefusedAsync(request => request with { Anonymous = true, ContentSha256 = null }, 403, "AccessDenied", "Access Denied");

    [Fact]
    public async Task Another_path_than_the_signed_one() => await RefusedAsync(request => request with
    {
        Path = request.Path.Replace("/object", "/signed", StringComparison.Ordinal),
        Tamper = target => target.Replace("/signed", "/object", StringComparison.Ordinal),
    }, 403, "SignatureDoesNotMatch");

    [Fact]
    public async Task A_query_that_was_not_signed() => await RefusedAsync(request => request with { Tamper = target => target + "?versionId=null" }, 403, "SignatureDoesNotMatch");

    [Fact]
    public async Task An_x_amz_header_that_was_not_signed() => await RefusedAsync(request => request with { UnsignedHeaders = [("x-amz-meta-added", "later")] },
        403, "AccessDenied", "There were headers present in the request which were not signed");

    [Fact]
    public async Task Another_Region() => await RefusedAsync(request => request with { Signer = Right with { Region = TestAccount.OtherRegion, Time = DateTimeOffset.UtcNow } },
        400, "AuthorizationHeaderMalformed", $"The authorization header is malformed; the region '{TestAccount.OtherRegion}' is wrong; expecting '{TestAccount.Region}'");

    [Theory]
    [InlineData("kms")]
    [InlineData("cloudtrail")]
    [InlineData("iam")]
    public async Task A_signature_for_another_service(string other) => await RefusedAsync(request => request with { Signer = Right with { Service = other, Time = DateTimeOffset.UtcNow } },
        400, "AuthorizationHeaderMalformed", $"The authorization header is malformed; incorrect service \"{other}\". This endpoint belongs to \"s3\".");

    [Theory]
    [InlineData("s3")]
    [InlineData("cloudtrail")]
    public async Task KMS_refuses_a_signature_for_another_service(string other)
    {
        var answer = await service.Http.SendAsync(KmsRequest() with { Signer = Right with { Service = other, Time = DateTimeOffset.UtcNow } });
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.DoesNotContain("KeyMetadata", answer.Text, StringComparison.Ordinal);
        Assert.Contains("Exception", (string)JsonDocument.Parse(answer.Body).RootElement.GetProperty("__type").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KMS_refuses_another_secret_an_unknown_key_id_and_anonymous_requests_in_its_own_form()
    {
        var kms = Right with { Service = "kms", Time = DateTimeOffset.UtcNow };
        foreach (var (request, type) in new[]
        {
            (KmsRequest() with { Signer = kms with { SecretAccessKey = "AnotherSecretAccessKey0123456789abcdefgh" } }, "InvalidSignatureException"),
            (KmsRequest() with { Signer = kms with { AccessKeyId = "AKIAUNKNOWNUNKNOWN01" } }, "UnrecognizedClientException"),
            (KmsRequest() with { Anonymous = true }, "MissingAuthenticationTokenException"),
        })
        {
            var answer = await service.Http.SendAsync(request);
            Assert.Equal((HttpStatusCode.BadRequest, type), (answer.Status, JsonDocument.Parse(answer.Body).RootElement.GetProperty("__type").GetString()));
        }
    }

    [Fact]
    public async Task KMS_refuses_a_body_that_is_not_the_signed_one()
    {
        var signed = KmsRequest() with { Signer = Right with { Service = "kms", Time = DateTimeOffset.UtcNow } };
        var answer = await service.Http.SendAsync(signed with { Body = """{"Description":"tampered"}"""u8.ToArray(), ContentSha256 = SigV4.Hash(signed.Body) });
        Assert.Equal((HttpStatusCode.BadRequest, "InvalidSignatureException"), (answer.Status, JsonDocument.Parse(answer.Body).RootElement.GetProperty("__type").GetString()));
    }

    [Fact]
    public async Task CloudTrail_refuses_a_signature_for_another_service() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await service.CloudTrail.SendAsync([], service: "kms")).Status);

    private static RawRequest KmsRequest() => new("POST", "/")
    {
        Headers = [("X-Amz-Target", "TrentService.CreateKey"), ("Content-Type", "application/x-amz-json-1.1")],
        Body = "{}"u8.ToArray(),
    };

    /// <summary>The refusal as S3 words it, for a new object and for one that it would overwrite.</summary>
    private async Task RefusedAsync(Func<RawRequest, RawRequest> spoil, int status, string? code, string? message = null)
    {
        var bucket = await service.NewBucketAsync();
        for (var existing = 0; existing < 2; existing++)
        {
            var answer = await service.Http.SendAsync(spoil(RawRequest.Put(bucket, "object", "new"u8.ToArray())));
            Assert.DoesNotContain(TestAccount.SecretAccessKey, answer.Text, StringComparison.Ordinal);
            if (code is null) Assert.Equal(status, (int)answer.Status);
            else answer.MustBeError(status, code, message);
            if (existing == 0)
            {
                (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.NotFound);
                (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "old"u8.ToArray()))).MustBe(HttpStatusCode.OK);
            }
        }
        Assert.Equal("old", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).Text);
        foreach (var read in new[] { RawRequest.Get(bucket, "object"), RawRequest.Head(bucket, "object"), RawRequest.Delete(bucket, "object") })
            Assert.Equal(status, (int)(await service.Http.SendAsync(spoil(read))).Status);
        (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.OK);
    }
}
