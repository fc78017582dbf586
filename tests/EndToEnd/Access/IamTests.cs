using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Azure.Data.Tables;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.CommandLine;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>Principals and their access keys over the wire: what is refused, and how soon a change is a change everywhere.</summary>
[Collection(CommandLineCollection.Name)]
public sealed class IamTests(ServiceFixture service)
{
    private const string AllowAll = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""";

    private QueryApi Root => new(service.Http);

    [Fact]
    public async Task A_second_instance_sees_within_seconds_what_the_first_one_changes()
    {
        var folder = Directory.CreateTempSubdirectory("end-to-end-");
        try
        {
            // Keys are under the root key, which both have.
            await using var second = await ServiceProcess.StartAsync(
                service.Storage, folder.FullName, ("RootKey__File", Path.Combine(service.Process.DataFolder, "root.key")));
            await using var clients = ServiceClients.Of(second);
            var here = await Root.NewUserAsync(AllowAll);
            var there = here with { Client = clients.Http };
            var (arn, name) = (await here.CallerAsync(), QueryApi.Value(await here.AnswerAsync("GetUser"), "UserName"));
            Assert.Equal(arn, await there.CallerAsync());

            foreach (var (status, expected) in new[] { ("Inactive", null), ("Active", arn) })
            {
                await Root.AnswerAsync("UpdateAccessKey", ("UserName", name), ("AccessKeyId", here.AccessKeyId), ("Status", status));
                Assert.Equal(expected, await here.CallerAsync());
                await WithinSecondsAsync(async () => await there.CallerAsync() == expected);
            }
            await Root.AnswerAsync("DeleteUserPolicy", ("UserName", name), ("PolicyName", "policy-0"));
            Assert.Equal(HttpStatusCode.Forbidden, (await here.CallAsync("GetUser")).Status);
            await WithinSecondsAsync(async () => (await there.CallAsync("GetUser")).Status == HttpStatusCode.Forbidden);
            await Root.AnswerAsync("DeleteAccessKey", ("UserName", name), ("AccessKeyId", here.AccessKeyId));
            Assert.Null(await here.CallerAsync());
            await WithinSecondsAsync(async () => await there.CallerAsync() is null);
            Assert.Equal(0, await second.StopAsync());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_key_that_is_off_is_refused_in_each_APIs_own_words()
    {
        var user = await Root.NewUserAsync(AllowAll);
        await user.AnswerAsync("UpdateAccessKey", ("AccessKeyId", user.AccessKeyId), ("Status", "Inactive"));
        (await service.Http.SendAsync(new RawRequest("GET", "/") { Signer = user.Signer("s3") }))
            .MustBeError(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
        var kms = await service.Http.SendAsync(KmsRequest() with { Signer = user.Signer("kms") });
        Assert.Equal((HttpStatusCode.BadRequest, "UnrecognizedClientException"), (kms.Status, JsonDocument.Parse(kms.Body).RootElement.GetProperty("__type").GetString()));
        MustBeError(await user.CallAsync("GetUser"), 403, "InvalidClientTokenId", "The security token included in the request is invalid.");
    }

    [Fact]
    public async Task A_user_may_do_nothing_that_no_policy_allows()
    {
        var (bucket, user) = (await service.NewBucketAsync(), await Root.NewUserAsync());
        foreach (var request in new[] { RawRequest.Put(bucket, "object", "body"u8.ToArray()), RawRequest.Get(bucket, "object"), new RawRequest("GET", "/"), new RawRequest("DELETE", $"/{bucket}") })
            (await service.Http.SendAsync(request with { Signer = user.Signer("s3") })).MustBeError(403, "AccessDenied");
        var kms = await service.Http.SendAsync(KmsRequest() with { Signer = user.Signer("kms") });
        Assert.Equal("AccessDeniedException", JsonDocument.Parse(kms.Body).RootElement.GetProperty("__type").GetString());
        var trail = await service.Http.SendAsync(new RawRequest("POST", "/")
        {
            Headers = [("X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"), ("Content-Type", "application/x-amz-json-1.1")],
            Body = "{}"u8.ToArray(),
            Signer = user.Signer("cloudtrail"),
        });
        Assert.Equal("AccessDeniedException", JsonDocument.Parse(trail.Body).RootElement.GetProperty("__type").GetString());
        MustBeError(await user.CallAsync("ListUsers"), 403, "AccessDenied", $"User: {await user.CallerAsync()} is not authorized to perform: iam:ListUsers on resource: "
            + $"arn:aws:iam::{TestAccount.Id}:user/ because no identity-based policy allows the iam:ListUsers action");
    }

    public static TheoryData<string, string, int, string> Malformed => new()
    {
        { "nothing", "", 400, "MissingAction" },
        { "an action that IAM has and this service does not", "Action=CreateRole&Version=2010-05-08&RoleName=r", 400, "InvalidAction" },
        { "a broken escape", "Action=GetUser&Version=2010-05-08&UserName=%", 400, "InvalidQueryParameter" },
        { "bytes that are no text", "Action=GetUser&Version=2010-05-08&UserName=%ff%fe", 400, "InvalidQueryParameter" },
        { "a parameter twice", "Action=GetUser&Version=2010-05-08&UserName=a&UserName=b", 400, "InvalidQueryParameter" },
        { "a parameter that is none", "Action=GetUser&Version=2010-05-08&User=a", 400, "InvalidQueryParameter" },
        { "too much", "Action=GetUser&Version=2010-05-08&UserName=".PadRight(100_000, 'a'), 413, "RequestEntityTooLarge" },
        { "far too much", "Action=GetUser&Version=2010-05-08&UserName=".PadRight(5_000_000, 'a'), 413, "RequestEntityTooLarge" },
        { "many parameters", "Action=GetUser&Version=2010-05-08" + string.Concat(Enumerable.Range(0, 8000).Select(i => $"&P{i}=")), 400, "InvalidQueryParameter" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_form_of_another_shape_is_refused(string what, string form, int status, string code)
    {
        Assert.NotEmpty(what);
        MustBeError(await service.Http.SendAsync(QueryApi.Form(form)), status, code);
        // The connection, and the service, serve on.
        Assert.Equal($"arn:aws:iam::{TestAccount.Id}:root", await Root.CallerAsync());
    }

    [Fact]
    public async Task Whoever_does_not_sign_or_signs_wrongly_is_refused_in_the_query_protocols_words()
    {
        var request = QueryApi.Form("Action=ListUsers&Version=2010-05-08");
        var signer = request.Signer;
        MustBeError(await service.Http.SendAsync(request with { Anonymous = true }), 403, "MissingAuthenticationToken", "Request is missing Authentication Token");
        MustBeError(await service.Http.SendAsync(new RawRequest("GET", "/") { Anonymous = true, Query = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")] }), 403, "MissingAuthenticationToken");
        MustBeError(await service.Http.SendAsync(request with { Signer = signer with { SecretAccessKey = "AnotherSecretAccessKey0123456789abcdefgh" } }), 403, "SignatureDoesNotMatch");
        MustBeError(await service.Http.SendAsync(request with { Signer = signer with { AccessKeyId = "AKIAAAAAAAAAAAAAAAAA" } }), 403, "InvalidClientTokenId");
        MustBeError(await service.Http.SendAsync(request with { Signer = signer with { Time = DateTimeOffset.UtcNow.AddHours(-1) } }), 403, "SignatureDoesNotMatch");
        MustBeError(await service.Http.SendAsync(request with { Signer = signer with { Region = "Not_A_Region" } }), 403, "SignatureDoesNotMatch");
        MustBeError(await service.Http.SendAsync(request with { Body = "Action=ListUsers&Version=2010-05-08&x"u8.ToArray(), ContentSha256 = SigV4.Hash(request.Body) }), 403, "SignatureDoesNotMatch");
        MustBeError(await service.Http.SendAsync(request with { Anonymous = true, UnsignedHeaders = [("Authorization", "AWS4-HMAC-SHA256 Credential=a")] }), 400, "IncompleteSignature");
        MustBeError(await service.Http.SendAsync(request with { Anonymous = true, Body = new byte[1_000_000] }), 403, "MissingAuthenticationToken");
    }

    [Fact]
    public async Task A_presigned_address_tells_who_signed_it_and_no_longer_when_it_has_expired()
    {
        var user = await Root.NewUserAsync();
        var request = new RawRequest("GET", "/") { Query = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")], PresignedSeconds = 60, PresignedHash = SigV4.Hash([]), Signer = user.Signer("sts") };
        var answer = (await service.Http.SendAsync(request)).MustBe(HttpStatusCode.OK);
        Assert.Equal(await user.CallerAsync(), QueryApi.Value(XElement.Parse(answer.Text), "Arn"));
        MustBeError(await service.Http.SendAsync(request with { Signer = request.Signer with { Time = DateTimeOffset.UtcNow.AddMinutes(-2) } }), 403, "AccessDenied", "Request has expired");
    }

    [Fact]
    public async Task A_users_secret_is_in_its_own_answer_and_nowhere_else()
    {
        var user = await Root.NewUserAsync(AllowAll);
        await user.AnswerAsync("ListAccessKeys");
        await Eventually.TrueAsync(async () => (await service.CloudTrail.LookupAsync("EventName", "CreateAccessKey")).Count > 0, "the record of the key");
        var stored = new StringBuilder();
        await foreach (var table in new TableServiceClient(service.Storage).QueryAsync())
        {
            await foreach (var row in new TableServiceClient(service.Storage).GetTableClient(table.Name).QueryAsync<TableEntity>())
                foreach (var (_, value) in row) stored.AppendLine(value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value?.ToString());
        }
        Assert.Contains(user.AccessKeyId, stored.ToString(), StringComparison.Ordinal);
        foreach (var place in new[] { stored.ToString(), service.Process.Output })
            Assert.DoesNotContain(user.SecretAccessKey, place, StringComparison.Ordinal);
    }

    private static RawRequest KmsRequest() => new("POST", "/")
    {
        Headers = [("X-Amz-Target", "TrentService.CreateKey"), ("Content-Type", "application/x-amz-json-1.1")],
        Body = "{}"u8.ToArray(),
    };

    private static async Task WithinSecondsAsync(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        await Eventually.TrueAsync(condition, "the other instance's view", seconds: 6);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 6);
    }

    private static void MustBeError(RawAnswer answer, int status, string code, string? message = null)
    {
        Assert.True((int)answer.Status == status && answer["content-type"] == "text/xml", $"Expected {status} {code}, got {(int)answer.Status}: {answer.Text}");
        var error = XElement.Parse(answer.Text);
        Assert.Equal(("ErrorResponse", "Sender", code), (error.Name.LocalName, QueryApi.Value(error, "Type"), QueryApi.Value(error, "Code")));
        Assert.Equal(answer["x-amzn-requestid"], QueryApi.Value(error, "RequestId"));
        Assert.NotEmpty(QueryApi.Value(error, "Message"));
        if (message is not null) Assert.Equal(message, QueryApi.Value(error, "Message"));
    }
}
