using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>Bucket policies that require an encryption: AWS's documented ones as they are, and those on what is really applied.</summary>
[Collection(AccessCollection.Name)]
public sealed class EncryptionPolicyTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string KeyId = $"{Sse}-aws-kms-key-id";
    private const string ByPolicy = "with an explicit deny in a resource-based policy";

    private static readonly CustomerKey CustomerKey = new(TestData.Bytes(32, seed: 30));

    private static readonly string RequireEffectiveKey = PolicyRequests.Policy("Deny", "s3:PutObject", $$"""
        "StringNotEquals":{"sse:EffectiveKeyArn":"{{DocumentedPolicies.ExampleKey}}"}
        """);

    public static TheoryData<string> RequiringSseS3 => [DocumentedPolicies.RequireSseS3, DocumentedPolicies.DenyUnencryptedUploads];

    [Theory]
    [MemberData(nameof(RequiringSseS3))]
    public async Task The_documented_policies_that_require_SSE_S3_let_nothing_else_through(string policy)
    {
        var bucket = await service.NewBucketAsync(policy);
        (await PutAsync(bucket, (Sse, "AES256"))).MustBe(HttpStatusCode.OK);
        await DeniedAsync(bucket);
        await DeniedAsync(bucket, (Sse, "aws:kms"));
        await DeniedAsync(bucket, (Sse, "aws:kms:dsse"));
        await DeniedAsync(bucket, CustomerKey.Headers);
        // The policy is judged before the headers are: what is no method at all is denied, and not refused as malformed.
        await DeniedAsync(bucket, (Sse, "AES192"));
        await DeniedAsync(bucket, (Sse, "AES256,aws:kms"));
        Assert.Equal("AES256", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK)[Sse]);
    }

    [Fact]
    public async Task The_documented_policy_that_requires_SSE_KMS_wants_the_key_named()
    {
        var bucket = await service.NewBucketAsync(DocumentedPolicies.RequireSseKms);
        await DeniedAsync(bucket);
        await DeniedAsync(bucket, (Sse, "aws:kms"));
        await DeniedAsync(bucket, (Sse, "aws:kms"), (KeyId, ""));
        (await PutAsync(bucket, (Sse, "aws:kms"), (KeyId, await service.NewKeyAsync()))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_documented_policy_that_requires_one_KMS_key_lets_that_key_through_by_any_of_its_names()
    {
        var (key, other) = (await service.NewKeyAsync(), await service.NewKeyAsync());
        var (alias, otherAlias) = (await AliasAsync(key), await AliasAsync(other));
        var bucket = await service.NewBucketAsync(DocumentedPolicies.RequireOneKmsKey, key);
        foreach (var name in new[] { key, Id(key), alias, AliasArn(alias) })
            Assert.Equal(key, (await PutAsync(bucket, (Sse, "aws:kms"), (KeyId, name))).MustBe(HttpStatusCode.OK)[KeyId]);
        (await PutAsync(bucket, (Sse, "aws:kms:dsse"), (KeyId, key))).MustBe(HttpStatusCode.OK);

        foreach (var name in new[] { other, Id(other), otherAlias, AliasArn(otherAlias), "alias/none", "fake-key-id", "alias/aws/s3" })
            await DeniedAsync(bucket, (Sse, "aws:kms"), (KeyId, name));
        await DeniedAsync(bucket);
        await DeniedAsync(bucket, (Sse, "AES256"));
        await DeniedAsync(bucket, (Sse, "aws:kms"));
        await DeniedAsync(bucket, CustomerKey.Headers);
    }

    [Fact]
    public async Task The_documented_policies_on_SSE_C_deny_or_require_it()
    {
        var denying = await service.NewBucketAsync(DocumentedPolicies.DenySseC);
        await DeniedAsync(denying, CustomerKey.Headers);
        (await PutAsync(denying)).MustBe(HttpStatusCode.OK);

        var requiring = await service.NewBucketAsync(DocumentedPolicies.RequireSseC);
        await DeniedAsync(requiring);
        await DeniedAsync(requiring, (Sse, "aws:kms"));
        (await PutAsync(requiring, CustomerKey.Headers)).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task In_a_presigned_URL_the_encryption_parameter_counts_as_the_header()
    {
        var bucket = await service.NewBucketAsync(DocumentedPolicies.DenyUnencryptedUploads);
        var put = RawRequest.Put(bucket, "object", "body"u8.ToArray()) with { PresignedSeconds = 60 };
        (await service.Http.SendAsync(put)).MustBeDenied("s3:PutObject", Arn(bucket), ByPolicy);
        (await service.Http.SendAsync(put with { Query = [(Sse, "AES256")] })).MustBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("AES256", "", "AES256")]
    [InlineData("aws:kms", "aws:kms")]
    [InlineData("aws:kms:dsse", "aws:kms:dsse")]
    [InlineData("SSE-C", "SSE-C")]
    public async Task What_is_really_applied_can_be_required_whether_asked_for_or_by_default(string required, params string[] passing)
    {
        var bucket = await service.NewBucketAsync(PolicyRequests.Policy("Deny", "s3:PutObject", $$"""
            "StringNotEquals":{"sse:EffectiveEncryption":"{{required}}"}
            """));
        foreach (var method in new[] { "", "AES256", "aws:kms", "aws:kms:dsse", "SSE-C" })
        {
            (string, string)[] headers = method switch { "" => [], "SSE-C" => CustomerKey.Headers, _ => [(Sse, method)] };
            if (passing.Contains(method)) (await PutAsync(bucket, headers)).MustBe(HttpStatusCode.OK);
            else await DeniedAsync(bucket, headers);
        }
        // Of a malformed request nothing is applied, and so not what is required.
        await DeniedAsync(bucket, (Sse, "AES192"));
    }

    [Fact]
    public async Task The_key_that_is_really_used_can_be_required_by_whatever_name_it_comes()
    {
        var (key, other) = (await service.NewKeyAsync(), await service.NewKeyAsync());
        var bucket = await service.NewBucketAsync(RequireEffectiveKey, key);
        foreach (var name in new[] { key, Id(key), await AliasAsync(key) }) (await PutAsync(bucket, (Sse, "aws:kms"), (KeyId, name))).MustBe(HttpStatusCode.OK);
        await DeniedAsync(bucket, (Sse, "aws:kms"), (KeyId, other));
        await DeniedAsync(bucket, (Sse, "aws:kms"));
        await DeniedAsync(bucket);
        await DeniedAsync(bucket, CustomerKey.Headers);
    }

    [Fact]
    public async Task The_managed_key_can_be_required_without_being_named()
    {
        var managed = (await PutAsync(await service.NewBucketAsync(), (Sse, "aws:kms"))).MustBe(HttpStatusCode.OK)[KeyId]!;
        var bucket = await service.NewBucketAsync(RequireEffectiveKey, managed);
        (await PutAsync(bucket, (Sse, "aws:kms"))).MustBe(HttpStatusCode.OK);
        (await PutAsync(bucket, (Sse, "aws:kms"), (KeyId, "alias/aws/s3"))).MustBe(HttpStatusCode.OK);
        await DeniedAsync(bucket, (Sse, "aws:kms"), (KeyId, await service.NewKeyAsync()));
        await DeniedAsync(bucket, (Sse, "AES256"));
    }

    private static string Arn(string bucket) => $"arn:aws:s3:::{bucket}/object";

    private static string Id(string arn) => arn[(arn.LastIndexOf('/') + 1)..];

    private static string AliasArn(string alias) => $"arn:aws:kms:{TestAccount.Region}:{TestAccount.Id}:{alias}";

    private async Task<string> AliasAsync(string key)
    {
        var alias = $"alias/{Guid.NewGuid():N}";
        await service.Kms.CreateAliasAsync(alias, Id(key));
        return alias;
    }

    private Task<RawAnswer> PutAsync(string bucket, params (string, string)[] headers) => service.Https.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), headers));

    private async Task DeniedAsync(string bucket, params (string, string)[] headers) =>
        (await PutAsync(bucket, headers)).MustBeDenied("s3:PutObject", Arn(bucket), ByPolicy);
}
