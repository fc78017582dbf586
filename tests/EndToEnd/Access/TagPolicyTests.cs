using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>Policies that judge by tags: those that an object has and those that a request gives it (https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html).</summary>
[Collection(AccessCollection.Name)]
public sealed class TagPolicyTests(ServiceFixture service)
{
    private const string Bucket = "arn:aws:s3:::amzn-s3-demo-bucket";
    private const string Objects = $"{Bucket}/*";

    /// <summary>AWS's first example: only objects of that tag can be read.</summary>
    private static readonly string ReadsTagged = Allow("""["s3:GetObject","s3:GetObjectAttributes"]""", """{"StringEquals":{"s3:ExistingObjectTag/environment":"production"}}""");

    private QueryApi Root => new(service.Http);

    [Fact]
    public async Task An_object_is_read_by_whom_its_tags_allow_to()
    {
        var bucket = await service.NewBucketAsync();
        var user = await UserAsync(bucket, ReadsTagged, Allow("\"s3:ListBucket\"", null, Bucket));
        (await service.Http.SendAsync(RawRequest.Put(bucket, "tagged", "body"u8.ToArray(), ("x-amz-tagging", "environment=production")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "other", "body"u8.ToArray(), ("x-amz-tagging", "environment=test")))).MustBe(HttpStatusCode.OK);
        foreach (var request in (Func<string, RawRequest>[])
        [
            key => RawRequest.Get(bucket, key), key => RawRequest.Get(bucket, key, ("Range", "bytes=0-1")), key => RawRequest.Get(bucket, key) with { PresignedSeconds = 60 }, key => RawRequest.Head(bucket, key),
            key => RawRequest.Get(bucket, key, ("x-amz-object-attributes", "ETag")) with { Query = [("attributes", "")] },
        ])
        {
            Assert.True((await service.Http.SendAsync(request("tagged") with { Signer = user })).Status is HttpStatusCode.OK or HttpStatusCode.PartialContent);
            (await service.Http.SendAsync(request("other") with { Signer = user })).MustBe(HttpStatusCode.Forbidden);
            // Whatever is not there has no tags.
            (await service.Http.SendAsync(request("none") with { Signer = user })).MustBe(HttpStatusCode.Forbidden);
        }
        // The tags that it has now count.
        (await service.Http.SendAsync(TaggingRequest.Put($"{bucket}/other", ("environment", "production")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "other") with { Signer = user })).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "other", []))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "other") with { Signer = user })).MustBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_copy_of_what_may_not_be_read_is_no_way_around()
    {
        var bucket = await service.NewBucketAsync();
        var user = await UserAsync(bucket, ReadsTagged, Allow("""["s3:PutObject","s3:PutObjectTagging","s3:GetObjectTagging"]""", null));
        (await service.Http.SendAsync(RawRequest.Put(bucket, "tagged", "body"u8.ToArray(), ("x-amz-tagging", "environment=production")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "other", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "tagged", bucket, "copy") with { Signer = user })).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "other", bucket, "copy") with { Signer = user })).MustBeError(403, "AccessDenied");
    }

    [Fact]
    public async Task Tags_are_copied_by_who_may_read_them_and_give_them()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "tagged", "body"u8.ToArray(), ("x-amz-tagging", "a=b")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "plain", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        const string readAndWrite = """["s3:GetObject","s3:PutObject"]""";
        var plain = await UserAsync(bucket, Allow(readAndWrite, null));
        var reader = await UserAsync(bucket, Allow(readAndWrite, null), Allow("\"s3:GetObjectTagging\"", null));
        var tagger = await UserAsync(bucket, Allow(readAndWrite, null), Allow("""["s3:GetObjectTagging","s3:PutObjectTagging"]""", null));
        foreach (var (user, missing) in new[] { (plain, "s3:GetObjectTagging"), (reader, "s3:PutObjectTagging") })
        {
            (await service.Http.SendAsync(RawRequest.Copy(bucket, "plain", bucket, "copy") with { Signer = user })).MustBe(HttpStatusCode.OK);
            (await service.Http.SendAsync(RawRequest.Copy(bucket, "tagged", bucket, "copy", ("x-amz-tagging-directive", "REPLACE")) with { Signer = user })).MustBe(HttpStatusCode.OK);
            Assert.Contains($"to perform: {missing} ", (await service.Http.SendAsync(RawRequest.Copy(bucket, "tagged", bucket, "copy") with { Signer = user })).MustBeError(403, "AccessDenied").ErrorField("Message"), StringComparison.Ordinal);
        }
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "tagged", bucket, "copy") with { Signer = tagger })).MustBe(HttpStatusCode.OK);

        // How many there are, only who may read them is told.
        Assert.Null((await service.Http.SendAsync(RawRequest.Get(bucket, "tagged") with { Signer = plain })).MustBe(HttpStatusCode.OK)["x-amz-tagging-count"]);
        Assert.Equal("1", (await service.Http.SendAsync(RawRequest.Head(bucket, "tagged") with { Signer = reader })).MustBe(HttpStatusCode.OK)["x-amz-tagging-count"]);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "new", [], ("x-amz-tagging", "a=b")) with { Signer = plain })).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(TaggingRequest.Put($"{bucket}/plain", ("a", "b")) with { Signer = plain })).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(TaggingRequest.Delete($"{bucket}/tagged") with { Signer = tagger })).MustBeError(403, "AccessDenied");
    }

    [Fact]
    public async Task Only_allowed_tags_are_given_in_whichever_way()
    {
        var bucket = await service.NewBucketAsync();
        // AWS's examples 2 and 3: only these keys, and this one of these values.
        var user = await UserAsync(bucket, Allow("""["s3:PutObject","s3:PutObjectTagging","s3:GetObject","s3:GetObjectTagging"]""",
            """{"ForAllValues:StringLike":{"s3:RequestObjectTagKeys":["Owner","CreationDate"]},"StringLikeIfExists":{"s3:RequestObjectTag/Owner":["red","blue"]}}"""));
        (await service.Http.SendAsync(RawRequest.Put(bucket, "wrong", [], ("x-amz-tagging", "Owner=green")))).MustBe(HttpStatusCode.OK);
        foreach (var (tags, allowed) in new ((string Key, string Value)[], bool)[]
        {
            ([("Owner", "red")], true), ([("Owner", "blue"), ("CreationDate", "today")], true), ([("Owner", "green")], false), ([("Owner", "red"), ("Other", "")], false),
        })
        {
            var header = ("x-amz-tagging", string.Join('&', tags.Select(tag => $"{tag.Key}={tag.Value}")));
            foreach (var request in new[]
            {
                RawRequest.Put(bucket, "object", [], header), RawRequest.Copy(bucket, "object", bucket, "copy", header, ("x-amz-tagging-directive", "REPLACE")),
                new RawRequest("POST", $"/{bucket}/object") { Query = [("uploads", "")], Headers = [header] }, TaggingRequest.Put($"{bucket}/object", tags),
            })
            {
                (await service.Http.SendAsync(request with { Signer = user })).MustBe(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
            }
        }
        // Neither the source's tags nor a header that does not count lead around.
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "wrong", bucket, "copy") with { Signer = user })).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "wrong", bucket, "copy", ("x-amz-tagging", "Owner=red")) with { Signer = user })).MustBeError(403, "AccessDenied");
    }

    [Fact]
    public async Task An_upload_in_parts_is_judged_by_the_tags_that_it_was_begun_with()
    {
        var bucket = await service.NewBucketAsync();
        var user = await UserAsync(bucket, Allow("""["s3:PutObject","s3:PutObjectTagging"]""", """{"StringEquals":{"s3:RequestObjectTag/team":"red"}}"""));
        foreach (var (byRoot, tags, status) in new[] { (false, "team=red", HttpStatusCode.OK), (true, "team=blue", HttpStatusCode.Forbidden) })
        {
            var create = new RawRequest("POST", $"/{bucket}/object") { Query = [("uploads", "")], Headers = [("x-amz-tagging", tags)] };
            var created = (await service.Http.SendAsync(byRoot ? create : create with { Signer = user })).MustBe(HttpStatusCode.OK);
            var id = System.Xml.Linq.XElement.Parse(created.Text).Elements().Single(element => element.Name.LocalName == "UploadId").Value;
            // What the part's own request says of tags does not count.
            var part = RawRequest.Put(bucket, "object", [1], ("x-amz-tagging", "team=red")) with { Query = [("partNumber", "1"), ("uploadId", id)], Signer = user };
            (await service.Http.SendAsync(part)).MustBe(status);
        }
    }

    [Fact]
    public async Task Tags_are_changed_where_the_present_ones_allow_it()
    {
        var bucket = await service.NewBucketAsync();
        var user = await UserAsync(bucket, Allow("""["s3:PutObjectTagging","s3:GetObjectTagging","s3:DeleteObjectTagging"]""", """{"StringEquals":{"s3:ExistingObjectTag/Project":"X"}}"""));
        (await service.Http.SendAsync(RawRequest.Put(bucket, "mine", [], ("x-amz-tagging", "Project=X")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "other", [], ("x-amz-tagging", "Project=Y")))).MustBe(HttpStatusCode.OK);
        foreach (var request in new[] { TaggingRequest.Get($"{bucket}/other"), TaggingRequest.Put($"{bucket}/other", ("Project", "X")), TaggingRequest.Delete($"{bucket}/other") })
            (await service.Http.SendAsync(request with { Signer = user })).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(TaggingRequest.Put($"{bucket}/mine", ("Project", "Y")) with { Signer = user })).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(TaggingRequest.Get($"{bucket}/mine") with { Signer = user })).MustBeError(403, "AccessDenied");
    }

    [Fact]
    public async Task A_buckets_policy_denies_by_tags_the_root_too()
    {
        var bucket = await service.NewBucketAsync(PolicyRequests.Policy("Deny", "s3:GetObject", """
            "StringEquals":{"s3:ExistingObjectTag/class":"secret"}
            """));
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", [], ("x-amz-tagging", "class=secret")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBeDenied("s3:GetObject", $"arn:aws:s3:::{bucket}/object", "with an explicit deny in a resource-based policy");
        (await service.Http.SendAsync(TaggingRequest.Delete($"{bucket}/object"))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
    }

    private static string Allow(string actions, string? condition, string resource = Objects) =>
        $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":{{actions}},"Resource":"{{resource}}"{{(condition is null ? "" : $",\"Condition\":{condition}")}}}]}""";

    private async Task<SigV4> UserAsync(string bucket, params string[] policies)
    {
        var user = await Root.NewUserAsync([.. policies.Select(policy => policy.Replace("amzn-s3-demo-bucket", bucket, StringComparison.Ordinal))]);
        return user.Signer("s3");
    }
}
