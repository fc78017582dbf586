using System.Net;
using System.Text;
using System.Xml.Linq;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>ACLs, where the buckets' owner owns everything.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class AclTests(ServiceFixture service)
{
    private const string NotSupported = "The bucket does not allow ACLs";

    [Fact]
    public async Task The_owner_has_full_control_and_nobody_else_any()
    {
        var bucket = await NewBucketWithObjectAsync();
        foreach (var acl in new[]
        {
            (await service.S3.GetBucketAclAsync(new GetBucketAclRequest { BucketName = bucket })) is var ofBucket ? (ofBucket.Owner, ofBucket.Grants) : default,
            (await service.S3.GetObjectAclAsync(new GetObjectAclRequest { BucketName = bucket, Key = "object" })) is var ofObject ? (ofObject.Owner, ofObject.Grants) : default,
        })
        {
            Assert.Matches("^[0-9a-f]{64}$", acl.Owner.Id);
            var grant = Assert.Single(acl.Grants);
            Assert.Equal((acl.Owner.Id, S3Permission.FULL_CONTROL), (grant.Grantee.CanonicalUser, grant.Permission));
        }
        (await service.Http.SendAsync(Acl("GET", $"{bucket}/none"))).MustBeError(404, "NoSuchKey");
        (await service.Http.SendAsync(Acl("GET", "no-such-bucket-here"))).MustBeError(404, "NoSuchBucket");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/object")]
    public async Task Only_the_ACL_that_there_is_can_be_put(string path)
    {
        var target = await NewBucketWithObjectAsync() + path;
        var present = (await service.Http.SendAsync(Acl("GET", target))).MustBe(HttpStatusCode.OK).Text;
        (await service.Http.SendAsync(Acl("PUT", target, present))).MustBe(HttpStatusCode.OK);
        foreach (var canned in (string[])["bucket-owner-full-control", "private"]) (await service.Http.SendAsync(Acl("PUT", target, "", ("x-amz-acl", canned)))).MustBe(HttpStatusCode.OK);

        var everybody = present.Replace("</AccessControlList>",
            "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"Group\"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList>",
            StringComparison.Ordinal);
        (await service.Http.SendAsync(Acl("PUT", target, everybody))).MustBeError(400, "AccessControlListNotSupported", NotSupported);
        foreach (var canned in (string[])["public-read", "public-read-write", "authenticated-read"])
            (await service.Http.SendAsync(Acl("PUT", target, "", ("x-amz-acl", canned)))).MustBeError(400, "AccessControlListNotSupported", NotSupported);
        (await service.Http.SendAsync(Acl("PUT", target, "", ("x-amz-grant-read", "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"")))).MustBeError(400, "AccessControlListNotSupported", NotSupported);
        (await service.Http.SendAsync(Acl("PUT", target, "", ("x-amz-acl", "private"), ("x-amz-grant-read", "id=\"1\"")))).MustBeError(400, "InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed");
        (await service.Http.SendAsync(Acl("PUT", target, "", ("x-amz-acl", "public-ready")))).MustBeError(400, "InvalidArgument");
        (await service.Http.SendAsync(Acl("PUT", target))).MustBeError(400, "MissingSecurityHeader", "Your request was missing a required header");
        (await service.Http.SendAsync(Acl("PUT", target, "<AccessControlPolicy/>"))).MustBeError(400, "MalformedACLError");
        Assert.Equal(present, (await service.Http.SendAsync(Acl("GET", target))).Text);
        (await service.Http.SendAsync(RawRequest.Get(target.Split('/')[0], "object") with { Anonymous = true })).MustBeError(403, "AccessDenied");
    }

    [Fact]
    public async Task An_object_that_is_not_there_takes_no_ACL() =>
        (await service.Http.SendAsync(Acl("PUT", $"{await service.NewBucketAsync()}/none", "", ("x-amz-acl", "bucket-owner-full-control")))).MustBeError(404, "NoSuchKey");

    [Theory]
    [InlineData("x-amz-acl", "public-read", "AccessControlListNotSupported")]
    [InlineData("x-amz-grant-full-control", "id=\"1\"", "AccessControlListNotSupported")]
    [InlineData("x-amz-storage-class", "STANDARD_IA", "InvalidStorageClass")]
    [InlineData("x-amz-storage-class", "unknown-class", "InvalidStorageClass")]
    public async Task No_write_gives_others_access_or_another_storage_class(string header, string value, string code)
    {
        var bucket = await NewBucketWithObjectAsync();
        foreach (var request in new[]
        {
            RawRequest.Put(bucket, "new", [], (header, value)), RawRequest.Copy(bucket, "object", bucket, "new", (header, value)),
            new RawRequest("POST", $"/{bucket}/new") { Query = [("uploads", "")], Headers = [(header, value)] },
        })
        {
            var refused = (await service.Http.SendAsync(request)).MustBeError(400, code);
            if (code == "InvalidStorageClass") Assert.Equal(("The storage class you specified is not valid", value), (refused.ErrorField("Message"), refused.ErrorField("StorageClassRequested")));
        }
        (await service.Http.SendAsync(RawRequest.Head(bucket, "new"))).MustBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_owners_full_control_and_the_standard_class_may_be_asked_for_and_are_not_told()
    {
        var bucket = await NewBucketWithObjectAsync();
        (string, string)[] headers = [("x-amz-acl", "private"), ("x-amz-storage-class", "STANDARD")];
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), headers))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "object", bucket, "copy", headers))).MustBe(HttpStatusCode.OK);
        Assert.Null((await service.Http.SendAsync(RawRequest.Get(bucket, "copy"))).MustBe(HttpStatusCode.OK)["x-amz-storage-class"]);
    }

    [Fact]
    public async Task Ownership_is_enforced_and_nothing_else()
    {
        var bucket = await service.NewBucketAsync();
        await EnforcedAsync();
        await service.S3.PutBucketOwnershipControlsAsync(new() { BucketName = bucket, OwnershipControls = new() { Rules = [new() { ObjectOwnership = ObjectOwnership.BucketOwnerEnforced }] } });
        foreach (var other in (string[])["BucketOwnerPreferred", "ObjectWriter"])
            Assert.Equal($"PutBucketOwnershipControls with {other}", (await service.Http.SendAsync(Ownership("PUT", bucket, Rule(other)))).MustBeError(501, "NotImplemented").ErrorField("Operation"));
        foreach (var malformed in (string[])["", Rule(""), Rule("RandomValue"), "<OwnershipControls/>", Rule("BucketOwnerEnforced").Replace("</OwnershipControls>", "<Rule/></OwnershipControls>", StringComparison.Ordinal)])
            (await service.Http.SendAsync(Ownership("PUT", bucket, malformed))).MustBeError(400, "MalformedXML");
        await EnforcedAsync();

        for (var i = 0; i < 2; i++) (await service.Http.SendAsync(Ownership("DELETE", bucket))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(Ownership("GET", bucket))).MustBeError(404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", [], ("x-amz-acl", "public-read")))).MustBeError(400, "AccessControlListNotSupported");
        (await service.Http.SendAsync(Ownership("PUT", bucket, Rule("BucketOwnerEnforced")))).MustBe(HttpStatusCode.OK);
        await EnforcedAsync();

        async Task EnforcedAsync() => Assert.Equal(ObjectOwnership.BucketOwnerEnforced,
            Assert.Single((await service.S3.GetBucketOwnershipControlsAsync(new() { BucketName = bucket })).OwnershipControls.Rules).ObjectOwnership);
    }

    [Theory]
    [InlineData("x-amz-object-ownership", "BucketOwnerEnforced", 200, null)]
    [InlineData("x-amz-object-ownership", "ObjectWriter", 501, "NotImplemented")]
    [InlineData("x-amz-object-ownership", "RandomValue", 400, "InvalidArgument")]
    [InlineData("x-amz-object-ownership", "", 400, "InvalidArgument")]
    [InlineData("x-amz-acl", "private", 200, null)]
    [InlineData("x-amz-acl", "public-read", 400, "InvalidBucketAclWithObjectOwnership")]
    [InlineData("x-amz-grant-read", "id=\"1\"", 400, "InvalidBucketAclWithObjectOwnership")]
    public async Task A_bucket_is_created_as_its_owners_alone(string header, string value, int status, string? code)
    {
        var bucket = $"owned-{Guid.NewGuid():N}";
        var answer = await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}") { Headers = [(header, value)] });
        if (code is null) answer.MustBe((HttpStatusCode)status);
        else answer.MustBeError(status, code);
        if (code is "InvalidArgument") Assert.Equal(($"Invalid x-amz-object-ownership header: {value}", "x-amz-object-ownership"), (answer.ErrorField("Message"), answer.ErrorField("ArgumentName")));
        (await service.Http.SendAsync(new RawRequest("HEAD", $"/{bucket}"))).MustBe(code is null ? HttpStatusCode.OK : HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_owner_pays() =>
        Assert.Equal("BucketOwner", (await service.S3.GetBucketRequestPaymentAsync(new GetBucketRequestPaymentRequest { BucketName = await service.NewBucketAsync() })).Payer);

    private static RawRequest Acl(string method, string target, string document = "", params (string, string)[] headers) =>
        new(method, $"/{target}") { Query = [("acl", "")], Body = Encoding.UTF8.GetBytes(document), Headers = headers };

    private static RawRequest Ownership(string method, string bucket, string document = "") => new(method, $"/{bucket}") { Query = [("ownershipControls", "")], Body = Encoding.UTF8.GetBytes(document) };

    private static string Rule(string setting) => $"<OwnershipControls><Rule><ObjectOwnership>{setting}</ObjectOwnership></Rule></OwnershipControls>";

    private async Task<string> NewBucketWithObjectAsync()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        return bucket;
    }
}
