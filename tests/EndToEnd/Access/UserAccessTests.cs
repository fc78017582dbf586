using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>Users may do what their own policies or the bucket's allow, and no policy denies.</summary>
[Collection(AccessCollection.Name)]
public sealed class UserAccessTests(ServiceFixture service)
{
    private const string Bucket = "arn:aws:s3:::amzn-s3-demo-bucket";

    private QueryApi Root => new(service.Http);

    [Fact]
    public async Task A_users_own_policy_lets_it_do_what_it_says_and_nothing_else()
    {
        var bucket = await NewBucketWithObjectAsync();
        var (user, arn) = await NewUserAsync(Allow(bucket, "s3:GetObject", $"{Bucket}/*"));
        Assert.Equal("body", (await service.Http.SendAsync(By(user, RawRequest.Get(bucket, "object")))).MustBe(HttpStatusCode.OK).Text);
        Assert.Equal("body", (await service.Http.SendAsync(By(user, RawRequest.Get(bucket, "object") with { PresignedSeconds = 60 }))).MustBe(HttpStatusCode.OK).Text);
        (await service.Http.SendAsync(By(user, RawRequest.Head(bucket, "object")))).MustBe(HttpStatusCode.OK);

        var objectArn = $"arn:aws:s3:::{bucket}/object";
        (RawRequest, string, string)[] others =
        [
            (RawRequest.Put(bucket, "object", "new"u8.ToArray()), "s3:PutObject", objectArn),
            (RawRequest.Delete(bucket, "object"), "s3:DeleteObject", objectArn),
            (new("GET", $"/{bucket}"), "s3:ListBucket", $"arn:aws:s3:::{bucket}"),
            (PolicyRequests.GetPolicy(bucket), "s3:GetBucketPolicy", $"arn:aws:s3:::{bucket}"),
            (new("PUT", $"/new-{bucket}"), "s3:CreateBucket", $"arn:aws:s3:::new-{bucket}"),
        ];
        foreach (var (request, action, resource) in others)
            (await service.Http.SendAsync(By(user, request))).MustBeDenied(action, resource, NotAllowed(action), arn);
        (await service.Http.SendAsync(By(user, new RawRequest("GET", "/")))).MustBeError(403, "AccessDenied",
            $"User: {arn} is not authorized to perform: s3:ListAllMyBuckets {NotAllowed("s3:ListAllMyBuckets")}");
        (await service.Http.SendAsync(By(user, RawRequest.Get("no-such-bucket", "object")))).MustBeError(404, "NoSuchBucket");
        Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).Text);
    }

    [Fact]
    public async Task Whether_a_key_is_missing_is_told_to_who_may_list_the_bucket()
    {
        var bucket = await service.NewBucketAsync();
        var (reader, readerArn) = await NewUserAsync(Allow(bucket, "s3:GetObject", $"{Bucket}/*"));
        var (lister, _) = await NewUserAsync(Allow(bucket, "s3:GetObject", $"{Bucket}/*"), Allow(bucket, "s3:ListBucket", Bucket));
        (await service.Http.SendAsync(By(reader, RawRequest.Get(bucket, "none")))).MustBeDenied("s3:ListBucket", $"arn:aws:s3:::{bucket}", NotAllowed("s3:ListBucket"), readerArn);
        Assert.Empty((await service.Http.SendAsync(By(reader, RawRequest.Head(bucket, "none")))).MustBe(HttpStatusCode.Forbidden).Body);
        (await service.Http.SendAsync(By(lister, RawRequest.Get(bucket, "none")))).MustBeError(404, "NoSuchKey", "The specified key does not exist.");
        (await service.Http.SendAsync(By(lister, RawRequest.Head(bucket, "none")))).MustBe(HttpStatusCode.NotFound);
        (await service.Http.SendAsync(By(lister, new RawRequest("HEAD", $"/{bucket}")))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_buckets_policy_is_enough_for_a_user_that_it_names_and_delegates_to_the_account()
    {
        var bucket = await NewBucketWithObjectAsync();
        var ((named, namedArn), (unnamed, unnamedArn), (delegated, _)) = (await NewUserAsync(), await NewUserAsync(), await NewUserAsync(Allow(bucket, "s3:DeleteObject", $"{Bucket}/*")));
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, $$"""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Principal":{"AWS":"{{namedArn}}"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*"},
              {"Effect":"Allow","Principal":{"AWS":"{{TestAccount.Id}}"},"Action":"s3:DeleteObject","Resource":"arn:aws:s3:::{{bucket}}/*"}]}
            """))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(By(named, RawRequest.Get(bucket, "object")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(By(unnamed, RawRequest.Get(bucket, "object")))).MustBeDenied("s3:GetObject", $"arn:aws:s3:::{bucket}/object", NotAllowed("s3:GetObject"), unnamedArn);
        (await service.Http.SendAsync(By(named, RawRequest.Delete(bucket, "object")))).MustBeDenied("s3:DeleteObject", $"arn:aws:s3:::{bucket}/object", NotAllowed("s3:DeleteObject"), namedArn);
        (await service.Http.SendAsync(By(delegated, RawRequest.Delete(bucket, "object")))).MustBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task An_explicit_deny_on_either_side_wins()
    {
        var bucket = await NewBucketWithObjectAsync();
        var (denied, deniedArn) = await NewUserAsync(Allow(bucket, "s3:*", Bucket, $"{Bucket}/*"),
            $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*"}]}""");
        (await service.Http.SendAsync(By(denied, RawRequest.Get(bucket, "object"))))
            .MustBeDenied("s3:GetObject", $"arn:aws:s3:::{bucket}/object", "with an explicit deny in an identity-based policy", deniedArn);

        var (allowed, allowedArn) = await NewUserAsync(Allow(bucket, "s3:*", Bucket, $"{Bucket}/*"));
        (await service.Http.SendAsync(By(allowed, RawRequest.Get(bucket, "object")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, DocumentedPolicies.For(PolicyRequests.Policy("Deny", "s3:GetObject"), bucket)))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(By(allowed, RawRequest.Get(bucket, "object"))))
            .MustBeDenied("s3:GetObject", $"arn:aws:s3:::{bucket}/object", "with an explicit deny in a resource-based policy", allowedArn);
    }

    [Fact]
    public async Task NotPrincipal_spares_the_user_that_it_names()
    {
        var bucket = await NewBucketWithObjectAsync();
        var ((spared, sparedArn), (other, otherArn)) = (await NewUserAsync(Allow(bucket, "s3:GetObject", $"{Bucket}/*")), await NewUserAsync(Allow(bucket, "s3:GetObject", $"{Bucket}/*")));
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["{{sparedArn}}","arn:aws:iam::{{TestAccount.Id}}:root"]},
              "Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*"}]}
            """))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(By(spared, RawRequest.Get(bucket, "object")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(By(other, RawRequest.Get(bucket, "object"))))
            .MustBeDenied("s3:GetObject", $"arn:aws:s3:::{bucket}/object", "with an explicit deny in a resource-based policy", otherArn);
    }

    /// <summary>Each object of a list is judged by itself, and who names an ETag needs the permission to read it.</summary>
    [Fact]
    public async Task Of_a_list_those_objects_are_deleted_that_the_user_may_delete()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var key in (string[])["mine/a", "mine/b", "theirs/c"]) (await service.Http.SendAsync(RawRequest.Put(bucket, key, []))).MustBe(HttpStatusCode.OK);
        var (user, arn) = await NewUserAsync(Allow(bucket, "s3:DeleteObject", $"{Bucket}/mine/*"));
        var answer = (await service.Http.SendAsync(By(user, DeletionRequest.Of(bucket, "<Object><Key>mine/a</Key></Object><Object><Key>theirs/c</Key></Object>"
            + "<Object><Key>mine/b</Key><ETag>*</ETag></Object><Object><Key>mine/none</Key><ETag>etag</ETag></Object><Object><Key>mine/a</Key><VersionId>null</VersionId></Object>")))).MustBe(HttpStatusCode.OK);
        string Denied(string action, string key) => $"AccessDenied User: {arn} is not authorized to perform: {action} on resource: \"arn:aws:s3:::{bucket}/{key}\" {NotAllowed(action)}";
        Assert.Equal(
            ["mine/a", $"theirs/c {Denied("s3:DeleteObject", "theirs/c")}", "mine/b", $"mine/none {Denied("s3:GetObject", "mine/none")}",
                $"mine/a null {Denied("s3:DeleteObjectVersion", "mine/a")}"],
            DeletionRequest.Outcomes(answer));
        Assert.Equal("theirs/c", Assert.Single((await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects).Key);

        var anonymous = (await service.Http.SendAsync(DeletionRequest.Of(bucket, "<Object><Key>theirs/c</Key></Object>") with { Anonymous = true })).MustBe(HttpStatusCode.OK);
        Assert.Equal(["theirs/c AccessDenied Access Denied"], DeletionRequest.Outcomes(anonymous));
    }

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-policies-s3.html#iam-policy-ex1</summary>
    [Fact]
    public async Task Each_user_has_a_folder_of_its_own()
    {
        var bucket = await service.NewBucketAsync();
        var policy = DocumentedPolicies.For("""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::amzn-s3-demo-bucket/home/${aws:username}/*"},
              {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::amzn-s3-demo-bucket","Condition":{"StringLike":{"s3:prefix":"home/${aws:username}/*"}}}]}
            """, bucket);
        var ((alice, aliceArn), (bob, bobArn)) = (await NewUserAsync(policy), await NewUserAsync(policy));
        var (aliceHome, bobHome) = ($"home/{aliceArn[(aliceArn.LastIndexOf('/') + 1)..]}/", $"home/{bobArn[(bobArn.LastIndexOf('/') + 1)..]}/");
        (await service.Http.SendAsync(By(alice, RawRequest.Put(bucket, aliceHome + "object", [])))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(By(bob, RawRequest.Get(bucket, aliceHome + "object")))).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(By(bob, RawRequest.Put(bucket, bobHome + "object", [])))).MustBe(HttpStatusCode.OK);
        var list = new RawRequest("GET", $"/{bucket}") { Query = [("list-type", "2"), ("prefix", aliceHome)] };
        Assert.Contains($"<Key>{aliceHome}object</Key>", (await service.Http.SendAsync(By(alice, list))).MustBe(HttpStatusCode.OK).Text, StringComparison.Ordinal);
        (await service.Http.SendAsync(By(bob, list))).MustBeDenied("s3:ListBucket", $"arn:aws:s3:::{bucket}", NotAllowed("s3:ListBucket"), bobArn);
        foreach (var query in new[] { list.Query.Take(1), list.Query.Take(1).Append(("prefix", "")), list.Query.Take(1).Append(("prefix", "home/")) })
            (await service.Http.SendAsync(By(alice, list with { Query = [.. query] }))).MustBeError(403, "AccessDenied");
    }

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html: bucket creation in one Region alone.</summary>
    [Fact]
    public async Task Buckets_can_be_confined_to_a_Region()
    {
        var (user, arn) = await NewUserAsync("""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:CreateBucket","Resource":"arn:aws:s3:::*",
              "Condition":{"StringLike":{"s3:LocationConstraint":"eu-central-1"}}}]}
            """);
        var name = $"confined-{Guid.NewGuid():N}";
        RawRequest Create(string region) => By(user, new RawRequest("PUT", $"/{name}")
        {
            Body = System.Text.Encoding.UTF8.GetBytes($"<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"),
        });
        (await service.Http.SendAsync(Create("eu-west-1"))).MustBeDenied("s3:CreateBucket", $"arn:aws:s3:::{name}", NotAllowed("s3:CreateBucket"), arn);
        (await service.Http.SendAsync(Create("") with { Body = [] })).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(RawRequest.Get(name, "object"))).MustBeError(404, "NoSuchBucket");
        (await service.Http.SendAsync(Create(TestAccount.OtherRegion))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_user_who_may_manages_the_policy_and_confirms_that_it_locks_itself_out()
    {
        var bucket = await service.NewBucketAsync();
        var (user, arn) = await NewUserAsync(Allow(bucket, "s3:*", Bucket, $"{Bucket}/*"));
        var lockout = DocumentedPolicies.For(PolicyRequests.Policy("Deny", "s3:PutBucketPolicy", "", Bucket), bucket);
        (await service.Http.SendAsync(By(user, PolicyRequests.PutPolicy(bucket, DocumentedPolicies.For(DocumentedPolicies.DenySseC, bucket))))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(By(user, PolicyRequests.PutPolicy(bucket, lockout)))).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(By(user, PolicyRequests.PutPolicy(bucket, lockout) with { Headers = [("x-amz-confirm-remove-self-bucket-access", "true")] })))
            .MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(By(user, PolicyRequests.PutPolicy(bucket, lockout))))
            .MustBeDenied("s3:PutBucketPolicy", $"arn:aws:s3:::{bucket}", "with an explicit deny in a resource-based policy", arn);
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, lockout))).MustBe(HttpStatusCode.NoContent);
    }

    private static string Allow(string bucket, string action, params string[] resources) => DocumentedPolicies.For(
        $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"{{action}}","Resource":[{{string.Join(',', resources.Select(resource => $"\"{resource}\""))}}]}]}""", bucket);

    private static string NotAllowed(string action) => $"because no identity-based policy allows the {action} action";

    private static RawRequest By(QueryApi user, RawRequest request) => request with { Signer = user.Signer("s3") };

    private async Task<(QueryApi User, string Arn)> NewUserAsync(params string[] policies)
    {
        var user = await Root.NewUserAsync(policies);
        return (user, (await user.CallerAsync())!);
    }

    private async Task<string> NewBucketWithObjectAsync()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        return bucket;
    }
}
