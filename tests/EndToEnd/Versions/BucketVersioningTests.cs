using System.Net;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Amazon.S3;
using Serverless.EndToEnd.Access;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using static Serverless.EndToEnd.Versions.VersioningTests;

namespace Serverless.EndToEnd.Versions;

/// <summary>The configuration of a bucket's versioning, and what policies say of it and of versions.</summary>
[Collection(VersionsCollection.Name)]
public sealed class BucketVersioningTests(ServiceFixture service)
{
    [Fact]
    public async Task Versioning_is_enabled_and_suspended_and_was_never_configured_in_a_new_bucket()
    {
        var bucket = await service.NewBucketAsync();
        var never = XElement.Parse((await service.Http.SendAsync(GetVersioning(bucket))).MustBe(HttpStatusCode.OK).Text);
        Assert.Equal(("{http://s3.amazonaws.com/doc/2006-03-01/}VersioningConfiguration", true), (never.Name.ToString(), never.IsEmpty));
        foreach (var status in (VersionStatus[])[VersionStatus.Suspended, VersionStatus.Enabled, VersionStatus.Enabled, VersionStatus.Suspended])
        {
            await service.S3.PutBucketVersioningAsync(new() { BucketName = bucket, VersioningConfig = new() { Status = status } });
            Assert.Equal(status, (await service.S3.GetBucketVersioningAsync(bucket)).VersioningConfig.Status);
        }
        (await service.Http.SendAsync(GetVersioning("no-such-bucket-here"))).MustBeError(404, "NoSuchBucket");
        (await service.Http.SendAsync(VersionsService.PutVersioning("no-such-bucket-here", "<Status>Enabled</Status>"))).MustBeError(404, "NoSuchBucket");
    }

    [Theory]
    [InlineData("", 400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")]
    [InlineData("<Status></Status>", 400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")]
    [InlineData("<Status>Disabled</Status>", 400, "MalformedXML", null)]
    [InlineData("<Status>enabled</Status>", 400, "MalformedXML", null)]
    [InlineData("<Status> Enabled </Status>", 400, "MalformedXML", null)]
    [InlineData("<Status>Enabled</Status><Status>Enabled</Status>", 400, "MalformedXML", null)]
    [InlineData("<Status>Enabled</Status><Foo/>", 400, "MalformedXML", null)]
    [InlineData("<Status>Enabled</Status><MfaDelete>disabled</MfaDelete>", 400, "MalformedXML", null)]
    [InlineData("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>", 403, "AccessDenied", "Mfa Authentication must be used for this request, and this account has no MFA device")]
    [InlineData("<Status>Enabled", 400, "MalformedXML", null)]
    public async Task A_configuration_that_S3_does_not_take_is_refused_and_changes_nothing(string content, int status, string code, string? message)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(VersionsService.PutVersioning(bucket, content))).MustBeError(status, code, message);
        Assert.Equal(VersionStatus.Off, (await service.S3.GetBucketVersioningAsync(bucket)).VersioningConfig.Status);
    }

    [Fact]
    public async Task MFA_delete_is_refused_and_what_leaves_it_off_is_not()
    {
        var bucket = await service.NewBucketAsync();
        var good = VersionsService.PutVersioning(bucket, "<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>");
        (await service.Http.SendAsync(good with { Headers = [("x-amz-mfa", "arn:aws:iam::111122223333:mfa/root 123456")] })).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(good with { Body = [] })).MustBeError(400, "MissingRequestBodyError", "Request Body is empty");
        (await service.Http.SendAsync(good with { Headers = [("Content-MD5", Convert.ToBase64String(new byte[16]))] })).MustBeError(400, "BadDigest");
        Assert.Equal(VersionStatus.Off, (await service.S3.GetBucketVersioningAsync(bucket)).VersioningConfig.Status);
        (await service.Http.SendAsync(good)).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(VersionsService.PutVersioning(bucket, "<MfaDelete></MfaDelete><Status>Suspended</Status>"))).MustBe(HttpStatusCode.OK);
        Assert.Equal(VersionStatus.Suspended, (await service.S3.GetBucketVersioningAsync(bucket)).VersioningConfig.Status);
    }

    [Fact]
    public async Task A_change_of_versioning_and_its_refusal_are_on_the_audit_trail()
    {
        var bucket = await service.NewVersionedBucketAsync();
        (await service.Http.SendAsync(VersionsService.PutVersioning(bucket, "<Status>Suspended</Status><MfaDelete>Enabled</MfaDelete>"))).MustBeError(403, "AccessDenied");
        var records = await Eventually.GetAsync(async () =>
            (await service.CloudTrail.LookupAsync("ResourceName", $"arn:aws:s3:::{bucket}")).Where(record => (string)record["eventName"]! == "PutBucketVersioning").ToList() is { Count: 2 } found ? found : null,
            "both changes on the trail");
        Assert.Equal([(null, """{"Status":"Enabled"}"""), ("AccessDenied", """{"Status":"Suspended","MfaDelete":"Enabled"}""")],
            records.OrderBy(record => record["errorCode"] is not null).Select(record => ((string?)record["errorCode"], record["requestParameters"]!["VersioningConfiguration"]!.ToJsonString())));
    }

    [Fact]
    public async Task Each_operation_on_versions_needs_its_own_permission_and_policies_see_the_versions_id()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var (first, second) = (await PutAsync(bucket), await PutAsync(bucket));
        var user = await new QueryApi(service.Http).NewUserAsync(Policy("Allow", "s3:GetObject", "s3:DeleteObject", "s3:PutObject", "s3:ListBucket"));
        (RawRequest Request, string Action, string Resource)[] denied =
        [
            (GetVersioning(bucket), "s3:GetBucketVersioning", $"arn:aws:s3:::{bucket}"),
            (VersionsService.PutVersioning(bucket, "<Status>Suspended</Status>"), "s3:PutBucketVersioning", $"arn:aws:s3:::{bucket}"),
            (new("GET", $"/{bucket}") { Query = [("versions", "")] }, "s3:ListBucketVersions", $"arn:aws:s3:::{bucket}"),
            (WithVersion(RawRequest.Get(bucket, "key"), first), "s3:GetObjectVersion", $"arn:aws:s3:::{bucket}/key"),
            (WithVersion(RawRequest.Delete(bucket, "key"), first), "s3:DeleteObjectVersion", $"arn:aws:s3:::{bucket}/key"),
            (new RawRequest("PUT", $"/{bucket}/copy") { Headers = [("x-amz-copy-source", $"{bucket}/key?versionId={first}")] }, "s3:GetObjectVersion", $"arn:aws:s3:::{bucket}/key"),
        ];
        foreach (var (request, action, resource) in denied)
        {
            var refused = (await service.Http.SendAsync(request with { Signer = user.Signer("s3") })).MustBeError(403, "AccessDenied");
            Assert.Contains($"is not authorized to perform: {action} on resource: \"{resource}\"", refused.ErrorField("Message"), StringComparison.Ordinal);
        }
        (await service.Http.SendAsync(RawRequest.Get(bucket, "key") with { Signer = user.Signer("s3") })).MustBe(HttpStatusCode.OK);

        // The account's root may do everything but delete that version for good, alone or among others; a delete marker is no such deletion.
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObjectVersion","Resource":"arn:aws:s3:::{{bucket}}/*",
            "Condition":{"StringEquals":{"s3:versionid":"{{first}}"} } }]}
            """))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(WithVersion(RawRequest.Delete(bucket, "key"), first))).MustBeError(403, "AccessDenied");
        var together = await service.Http.SendAsync(DeletionRequest.Of(bucket,
            $"<Object><Key>key</Key><VersionId>{first}</VersionId></Object><Object><Key>key</Key></Object><Object><Key>key</Key><VersionId>{second}</VersionId></Object>"));
        Assert.StartsWith($"key {first} AccessDenied", DeletionRequest.Outcomes(together.MustBe(HttpStatusCode.OK))[0], StringComparison.Ordinal);
        (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), first))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(WithVersion(RawRequest.Get(bucket, "key"), second))).MustBeError(404, "NoSuchVersion");
        (await service.Http.SendAsync(RawRequest.Get(bucket, "key"))).MustBeError(404, "NoSuchKey");

        string Policy(string effect, params string[] actions) =>
            $$$"""{"Version":"2012-10-17","Statement":[{"Effect":"{{{effect}}}","Action":[{{{string.Join(',', actions.Select(action => $"\"{action}\""))}}}],"Resource":["arn:aws:s3:::{{{bucket}}}","arn:aws:s3:::{{{bucket}}}/*"]}]}""";
    }

    private static RawRequest GetVersioning(string bucket) => new("GET", $"/{bucket}") { Query = [("versioning", "")] };

    private async Task<string> PutAsync(string bucket) => (await service.Http.SendAsync(RawRequest.Put(bucket, "key", []))).MustBe(HttpStatusCode.OK)["x-amz-version-id"]!;
}
