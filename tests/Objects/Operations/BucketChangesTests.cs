using System.Text;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Keys.Tests;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Permissions;

namespace Serverless.Objects.Tests.Operations;

/// <summary>Changes of buckets: on the trail before they take effect, and only on the state that they were judged on.</summary>
public class BucketChangesTests
{
    private const string Public = """{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}""";
    private const string Private = """{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}]}""";

    private readonly MemoryStore _store = new();
    private readonly RecordingTrail _trail = new();
    private readonly BucketTrail _bucketTrail;
    private readonly BucketPolicyOperations _policies;
    private readonly PublicAccessBlockOperations _blocks;

    public BucketChangesTests()
    {
        var authorizer = new S3Authorizer(new VersionedKeys(), new MemoryUploadStore(), new VersionParts(_store, TimeProvider.System).Finder, new ServiceIdentity { AccountId = S3Requests.Account }, TimeProvider.System);
        _bucketTrail = new(_trail, TimeProvider.System);
        var changes = new BucketChanges(_store, authorizer, _bucketTrail);
        (_policies, _blocks) = (new(changes, authorizer, new Account()), new(changes));
    }

    [Fact]
    public async Task A_change_is_on_the_trail_with_what_it_says()
    {
        var bucket = await NewBucketAsync();
        await PutPolicyAsync(bucket, Private);
        var put = Assert.Single(_trail.Events);
        Assert.Equal(("s3.amazonaws.com", "PutBucketPolicy", "us-east-1", S3Requests.Root.Arn, false, null),
            (put.EventSource, put.EventName, put.Region, put.Caller.Principal.Arn, put.ReadOnly, put.ErrorCode));
        Assert.Equal($$"""{"bucketName":"bucket","bucketPolicy":{{Private}}}""", put.RequestParameters!.ToJsonString());
        Assert.Equal([new("AWS::S3::Bucket", "arn:aws:s3:::bucket")], put.Resources);

        await _blocks.PutAsync(await ChangeAsync(S3Operation.PutPublicAccessBlock, "<PublicAccessBlockConfiguration><BlockPublicPolicy>TRUE</BlockPublicPolicy></PublicAccessBlockConfiguration>"),
            await CurrentAsync());
        Assert.Equal("PutBucketPublicAccessBlock", _trail.Last.EventName);
        Assert.Equal("""{"BlockPublicAcls":false,"IgnorePublicAcls":false,"BlockPublicPolicy":true,"RestrictPublicBuckets":false}""",
            _trail.Last.RequestParameters!["PublicAccessBlockConfiguration"]!.ToJsonString());
        Assert.Equal(PublicAccessBlocks.BlockPublicPolicy, (await CurrentAsync()).PublicAccessBlock);
        await _blocks.DeleteAsync(await ChangeAsync(S3Operation.DeletePublicAccessBlock), await CurrentAsync());
        await _policies.DeleteAsync(await ChangeAsync(S3Operation.DeleteBucketPolicy), await CurrentAsync());
        Assert.Equal(["PutBucketPolicy", "PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock", "DeleteBucketPolicy"], _trail.Events.Select(e => e.EventName));
        Assert.Equal((null, null), ((await CurrentAsync()).PublicAccessBlock, (await CurrentAsync()).Policy));
    }

    [Fact]
    public async Task Without_the_trail_nothing_changes()
    {
        var bucket = await NewBucketAsync();
        _trail.IsUnavailable = true;
        await Assert.ThrowsAsync<AuditUnavailableException>(() => PutPolicyAsync(bucket, Private));
        Assert.Same(bucket, await CurrentAsync());
    }

    [Fact]
    public async Task A_change_on_a_state_that_is_no_more_is_judged_and_made_on_the_present_one_and_recorded_once()
    {
        var stale = await NewBucketAsync();
        Assert.True(await _store.TryChangeAsync(stale with { PublicAccessBlock = PublicAccessBlocks.IgnorePublicAcls }, default));
        await PutPolicyAsync(stale, Private);
        Assert.Equal((Private, PublicAccessBlocks.IgnorePublicAcls), ((await CurrentAsync()).Policy!.Json, (await CurrentAsync()).PublicAccessBlock));
        Assert.Single(_trail.Events);
    }

    [Fact]
    public async Task A_public_policy_that_was_overtaken_by_a_block_is_refused()
    {
        var open = await NewBucketAsync(null);
        Assert.True(await _store.TryChangeAsync(open with { PublicAccessBlock = PublicAccessBlocks.BlockPublicPolicy }, default));
        var refused = await Assert.ThrowsAsync<S3Exception>(() => PutPolicyAsync(open, Public));
        Assert.EndsWith("because public policies are blocked by the BlockPublicPolicy block public access setting.", refused.Error.Message, StringComparison.Ordinal);
        Assert.Null((await CurrentAsync()).Policy);
    }

    [Fact]
    public async Task Who_was_denied_meanwhile_changes_nothing()
    {
        var stale = await NewBucketAsync(null);
        var policy = """{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutBucketPublicAccessBlock","Resource":"arn:aws:s3:::bucket"}]}""";
        Assert.True(await _store.TryChangeAsync(stale with { Policy = new(policy, stale.Arn) }, default));
        var change = await ChangeAsync(S3Operation.DeletePublicAccessBlock);
        var refused = await Assert.ThrowsAsync<S3Exception>(() => _blocks.DeleteAsync(change, stale));
        Assert.Contains("with an explicit deny in a resource-based policy", refused.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_that_is_gone_meanwhile_is_no_such_bucket()
    {
        var bucket = await NewBucketAsync();
        await _store.DeleteAsync("bucket", _ => default, default);
        Assert.Equal("NoSuchBucket", (await Assert.ThrowsAsync<S3Exception>(() => PutPolicyAsync(bucket, Private))).Error.Code);
    }

    [Fact]
    public async Task A_refusal_is_on_the_trail_but_for_the_anonymous()
    {
        var denied = S3Errors.AccessDenied with { Message = "because" };
        await _bucketTrail.RecordRefusalAsync(new(S3Operation.DeleteBucket, await S3Requests.SignedAsync("DELETE", "/bucket"), "eu-central-1"), denied);
        Assert.Equal(("DeleteBucket", "eu-central-1", "AccessDenied", "because"), (_trail.Last.EventName, _trail.Last.Region, _trail.Last.ErrorCode, _trail.Last.ErrorMessage));
        await _bucketTrail.RecordRefusalAsync(new(S3Operation.DeleteBucket, await S3Requests.OfAsync("DELETE", "/bucket"), "eu-central-1"), denied);
        Assert.Single(_trail.Events);
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData(S3Requests.Account, true)]
    [InlineData("arn:aws:iam::123456789012:root", true)]
    [InlineData("arn:aws:iam::123456789012:user/alice", true)]
    [InlineData("arn:aws:iam::123456789012:user/bob", false)]
    [InlineData("arn:aws:iam::123456789012:role/alice", false)]
    [InlineData("arn:aws:iam::999999999999:user/alice", false)]
    [InlineData("arn:aws:iam::999999999999:root", false)]
    [InlineData("999999999999", false)]
    public async Task Whoever_a_policy_names_is_there(string principal, bool exists)
    {
        var bucket = await NewBucketAsync();
        foreach (var element in (string[])["Principal", "NotPrincipal"])
        {
            var policy = $$$"""{"Statement":[{"Effect":"Deny","{{{element}}}":{"AWS":["{{{S3Requests.Account}}}","{{{principal}}}"]},"Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*"}]}""";
            if (exists)
            {
                await PutPolicyAsync(bucket, policy);
                continue;
            }
            var refused = (await Assert.ThrowsAsync<S3Exception>(() => PutPolicyAsync(bucket, policy))).Error;
            Assert.Equal(("MalformedPolicy", 400, "Invalid principal in policy"), (refused.Code, refused.Status, refused.Message));
            Assert.Equal([new("Detail", $"\"AWS\" : \"{principal}\"")], refused.Fields);
            Assert.Null((await CurrentAsync()).Policy);
        }
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("false", false)]
    [InlineData("true", true)]
    public async Task Who_would_not_be_let_to_change_the_policy_again_must_confirm_it(string? confirmation, bool accepted)
    {
        var bucket = await NewBucketAsync();
        var lockout = """{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutBucketPolicy","Resource":"arn:aws:s3:::bucket"}]}""";
        (string, string)[] headers = confirmation is null ? [] : [("x-amz-confirm-remove-self-bucket-access", confirmation)];
        var change = new BucketChange(S3Operation.PutBucketPolicy,
            await S3Requests.SignedAsync("PUT", "/bucket", "policy", headers, Encoding.UTF8.GetBytes(lockout), principal: S3Requests.User), "us-east-1");
        if (accepted) await _policies.PutAsync(change, bucket);
        else Assert.Equal("AccessDenied", (await Assert.ThrowsAsync<S3Exception>(() => _policies.PutAsync(change, bucket))).Error.Code);
        Assert.Equal(accepted, (await CurrentAsync()).Policy is not null);

        // Root is never locked out.
        await _policies.DeleteAsync(await ChangeAsync(S3Operation.DeleteBucketPolicy), await CurrentAsync());
        await PutPolicyAsync(await CurrentAsync(), lockout);
    }

    private async Task<Bucket> NewBucketAsync(PublicAccessBlocks? block = PublicAccessBlocks.All)
    {
        Assert.True(await _store.CreateAsync(new("bucket", "us-east-1", PublicAccessBlock: block), default));
        return await CurrentAsync();
    }

    private async Task<Bucket> CurrentAsync() => (await _store.FindAsync("bucket", default))!;

    private async Task PutPolicyAsync(Bucket seen, string json) => await _policies.PutAsync(await ChangeAsync(S3Operation.PutBucketPolicy, json), seen);

    private static async Task<BucketChange> ChangeAsync(S3Operation operation, string body = "") =>
        new(operation, await S3Requests.SignedAsync("PUT", "/bucket", body: Encoding.UTF8.GetBytes(body)), "us-east-1");

    /// <summary>An account of its root and Alice.</summary>
    private sealed class Account : IPrincipals
    {
        public ValueTask<string?> FindIdAsync(string arn, CancellationToken cancellationToken) =>
            new(arn == S3Requests.Root.Arn ? S3Requests.Account : arn == S3Requests.User.Arn ? "AIDAALICE" : null);
    }
}
