using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Audit;

/// <summary>Requests that cannot be authenticated, of every API, are found by the access key that they name; and there are never too many of them.</summary>
public sealed class AuthenticationFailureTests(ServiceFixture service) : IClassFixture<ServiceFixture>
{
    private const string WrongSecret = "AnotherSecretAccessKey0123456789abcdefgh";

    private static readonly SigV4 Right = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, TestAccount.Region, "s3", DateTimeOffset.UtcNow);

    /// <summary>Each names an access key of its own, which there is not.</summary>
    [Fact]
    public async Task An_unknown_access_key_is_recorded_by_every_API()
    {
        foreach (var (request, source, name, code, method) in new[]
        {
            (RawRequest.Get("some-bucket", "an object"), "s3", "GetObject", "InvalidAccessKeyId", "AuthHeader"),
            (RawRequest.Get("some-bucket", "an object") with { PresignedSeconds = 60 }, "s3", "GetObject", "InvalidAccessKeyId", "QueryString"),
            (Json("TrentService.Decrypt", "kms"), "kms", "Decrypt", "UnrecognizedClientException", "AuthHeader"),
            (Json("CloudTrail_20131101.LookupEvents", "cloudtrail"), "cloudtrail", "LookupEvents", "UnrecognizedClientException", "AuthHeader"),
            (Json("ServerlessSse_20261125.RotateMasterKey", "sse"), "sse", "RotateMasterKey", "UnrecognizedClientException", "AuthHeader"),
            (QueryApi.Form("Action=GetCallerIdentity&Version=2011-06-15") with { Signer = Right with { Service = "sts" } }, "sts", null, "InvalidClientTokenId", "AuthHeader"),
        })
        {
            var id = $"AKIA{Guid.NewGuid():N}";
            var signed = request with { Signer = request.Signer with { AccessKeyId = id, Time = DateTimeOffset.UtcNow } };
            await service.Http.SendAsync(signed);
            var record = await FindAsync(id);
            Assert.Equal(($"{source}.amazonaws.com", code, "127.0.0.1"), ((string)record["eventSource"]!, (string)record["errorCode"]!, (string)record["sourceIPAddress"]!));
            Assert.Equal((method, "Unknown"), ((string)record["additionalEventData"]!["AuthenticationMethod"]!, (string)record["userIdentity"]!["type"]!));
            if (name is not null) Assert.Equal(name, (string)record["eventName"]!);
            if (source is "s3") Assert.Equal(("some-bucket", "an object"), ((string)record["requestParameters"]!["bucketName"]!, (string)record["requestParameters"]!["key"]!));
        }
    }

    [Fact]
    public async Task A_wrong_signature_an_expired_URL_a_wrong_clock_a_changed_chunk_and_a_forged_form_are_recorded_without_what_they_are_signed_with()
    {
        var bucket = await service.NewBucketAsync();
        var user = await new QueryApi(service.Http).NewUserAsync("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""");
        var right = Right with { AccessKeyId = user.AccessKeyId, SecretAccessKey = user.SecretAccessKey, Time = DateTimeOffset.UtcNow };
        var body = TestData.Bytes(100_000);
        string signature = "";
        foreach (var request in new[]
        {
            RawRequest.Get(bucket, "object") with { Signer = right with { SecretAccessKey = WrongSecret } },
            RawRequest.Get(bucket, "object") with { Signer = right with { Time = DateTimeOffset.UtcNow.AddHours(-2) }, PresignedSeconds = 60 },
            RawRequest.Get(bucket, "object") with { Signer = right with { Time = DateTimeOffset.UtcNow.AddHours(1) } },
            RawRequest.Put(bucket, "object", []) with
            {
                Signer = right,
                ContentSha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                Headers = [("x-amz-decoded-content-length", "100000"), ("Content-Encoding", "aws-chunked")],
                SignedBody = (signer, seed) => ChunkedBody.Signed(body, 65536)(signer with { SecretAccessKey = WrongSecret }, signature = seed),
            },
            new BrowserForm(bucket) { Signer = right with { SecretAccessKey = WrongSecret } }.ToRequest(),
        })
        {
            Assert.InRange((int)(await service.Http.SendAsync(request)).Status, 400, 403);
        }

        var records = await Eventually.GetAsync(
            async () => await service.CloudTrail.LookupAsync("AccessKeyId", user.AccessKeyId) is { Count: >= 5 } found ? found : null, $"the failures of {user.AccessKeyId}");
        Assert.Equal(
            [
                ("GetObject", "AccessDenied", "Unknown", "Request has expired"),
                ("GetObject", "RequestTimeTooSkewed", "Unknown", "The difference between the request time and the current time is too large."),
                ("GetObject", "SignatureDoesNotMatch", "Unknown", "The request signature we calculated does not match the signature you provided. Check your key and signing method."),
                ("PostObject", "SignatureDoesNotMatch", "Unknown", "The request signature we calculated does not match the signature you provided. Check your key and signing method."),
                ("PutObject", "SignatureDoesNotMatch", "IAMUser", "The request signature we calculated does not match the signature you provided. Check your key and signing method."),
            ],
            records.Select(record => ((string)record["eventName"]!, (string)record["errorCode"]!, (string)record["userIdentity"]!["type"]!, (string)record["errorMessage"]!)).Order());
        Assert.All(records, record =>
        {
            var text = record.ToJsonString();
            Assert.DoesNotContain("AWS4-HMAC", text, StringComparison.Ordinal);
            Assert.DoesNotContain(signature, text, StringComparison.Ordinal);
            Assert.DoesNotMatch("[0-9a-f]{64}", text);
        });
    }

    [Fact]
    public async Task A_flood_of_them_leaves_a_few_records_and_their_number()
    {
        var id = $"AKIA{Guid.NewGuid():N}";
        const int requests = 300;
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
            (await service.Http.SendAsync(RawRequest.Get("some-bucket", "object") with { Signer = Right with { AccessKeyId = id, Time = DateTimeOffset.UtcNow } })).MustBeError(403, "InvalidAccessKeyId"));
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        var last = $"AKIA{Guid.NewGuid():N}";
        await service.Http.SendAsync(RawRequest.Get("some-bucket", "object") with { Signer = Right with { AccessKeyId = last, Time = DateTimeOffset.UtcNow } });
        var behind = await FindAsync(last);
        var recorded = await service.CloudTrail.LookupAsync("AccessKeyId", id);
        Assert.InRange(recorded.Count, 1, requests / 2);
        Assert.Equal(requests, recorded.Count + recorded.Append(behind).Sum(record => (int?)record["additionalEventData"]!["unrecordedFailures"] ?? 0));
    }

    [Fact]
    public async Task Who_names_nobody_is_not_recorded()
    {
        (await service.Http.SendAsync(RawRequest.Get("some-bucket", "object") with { Anonymous = true })).MustBe(HttpStatusCode.NotFound);
        (await service.Http.SendAsync(Json("TrentService.Decrypt", "kms") with { Anonymous = true })).MustBe(HttpStatusCode.BadRequest);
        var fence = await service.NewKeyAsync();
        await Eventually.TrueAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", fence)).Count > 0, "a record from after them");
        Assert.DoesNotContain(await service.CloudTrail.LookupAsync("Username", "anonymous"), record => record["userIdentity"]!["accessKeyId"] is null);
    }

    private static RawRequest Json(string target, string api) => new("POST", "/")
    {
        Headers = [("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-1.1")],
        Body = Encoding.UTF8.GetBytes("{}"),
        Signer = Right with { Service = api },
    };

    private async Task<JsonObject> FindAsync(string accessKeyId)
    {
        var records = await Eventually.GetAsync(
            async () => await service.CloudTrail.LookupAsync("AccessKeyId", accessKeyId) is { Count: > 0 } found ? found : null, $"the record of {accessKeyId}");
        return Assert.Single(records);
    }
}
