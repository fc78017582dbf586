using System.Net;
using System.Text;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>Keys may be used, directly and by S3, by whom their policies, their grants and the users' own policies let.</summary>
[Collection(AccessCollection.Name)]
public sealed class KeyGrantTests(ServiceFixture service)
{
    private const string Root = $"arn:aws:iam::{TestAccount.Id}:root";
    private const string RootMayAll = $$"""{"Effect":"Allow","Principal":{"AWS":"{{Root}}"},"Action":"kms:*","Resource":"*"}""";

    [Fact]
    public async Task A_keys_policy_is_AWSs_until_another_is_put()
    {
        var arn = await service.NewKeyAsync();
        Assert.Equal(["default"], (await service.Kms.ListKeyPoliciesAsync(new() { KeyId = arn })).PolicyNames);
        var policy = await service.Kms.GetKeyPolicyAsync(new() { KeyId = arn });
        Assert.Equal("default", policy.PolicyName);
        Assert.Contains("\"Sid\" : \"Enable IAM User Permissions\"", policy.Policy, StringComparison.Ordinal);

        var other = $$"""{"Version":"2012-10-17","Statement":[{{RootMayAll}}]}""";
        await service.Kms.PutKeyPolicyAsync(new() { KeyId = arn, Policy = other });
        Assert.Equal(other, (await service.Kms.GetKeyPolicyAsync(new() { KeyId = arn, PolicyName = "default" })).Policy);

        var (_, user) = await NewUserAsync();
        var lockout = Policy(Allow(user, "kms:*"));
        await Assert.ThrowsAsync<MalformedPolicyDocumentException>(() => service.Kms.PutKeyPolicyAsync(new() { KeyId = arn, Policy = lockout }));
        await Assert.ThrowsAsync<MalformedPolicyDocumentException>(() => service.Kms.CreateKeyAsync(new() { Policy = lockout }));
        await Assert.ThrowsAsync<MalformedPolicyDocumentException>(() => service.Kms.PutKeyPolicyAsync(new() { KeyId = arn, Policy = Policy(RootMayAll, Allow(user + "s", "kms:*")) }));
        await service.Kms.PutKeyPolicyAsync(new() { KeyId = arn, Policy = lockout, BypassPolicyLockoutSafetyCheck = true });
        await MustRefuseAsync(() => service.Kms.GetKeyPolicyAsync(new() { KeyId = arn }), Denied(Root, "kms:GetKeyPolicy", arn, "because no resource-based policy allows the kms:GetKeyPolicy action"));
    }

    [Fact]
    public async Task A_user_uses_the_keys_that_its_own_policy_or_the_keys_names()
    {
        var (own, named) = (await service.NewKeyAsync(), await service.NewKeyAsync());
        var (anna, arn) = await NewUserAsync($$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Encrypt","Resource":"{{own}}"}]}""");
        await anna.EncryptAsync(Encrypt(own));
        await MustRefuseAsync(() => anna.EncryptAsync(Encrypt(named)), Denied(arn, "kms:Encrypt", named));
        await MustRefuseAsync(() => anna.DisableKeyAsync(own), Denied(arn, "kms:DisableKey", own));
        await MustRefuseAsync(() => anna.CreateKeyAsync(new()), Denied(arn, "kms:CreateKey", "*"));

        await service.Kms.PutKeyPolicyAsync(new() { KeyId = named, Policy = Policy(RootMayAll, Allow(arn, "kms:Encrypt")) });
        await anna.EncryptAsync(Encrypt(named));
        await service.Kms.PutKeyPolicyAsync(new() { KeyId = own, Policy = Policy(RootMayAll, Allow(arn, "kms:Encrypt").Replace("Allow", "Deny", StringComparison.Ordinal)) });
        await MustRefuseAsync(() => anna.EncryptAsync(Encrypt(own)), Denied(arn, "kms:Encrypt", own, "with an explicit deny in a resource-based policy"));

        var record = await Eventually.GetAsync(
            async () => (await service.CloudTrail.LookupAsync("ResourceName", own)).FirstOrDefault(found => (string?)found["eventName"] == "DisableKey"), "the refusal is looked up");
        Assert.Equal((arn, "AccessDeniedException"), ((string)record["userIdentity"]!["arn"]!, (string)record["errorCode"]!));
    }

    [Fact]
    public async Task A_grant_lets_a_user_in_until_it_is_revoked()
    {
        var arn = await service.NewKeyAsync();
        var (anna, annaArn) = await NewUserAsync();
        var grant = await service.Kms.CreateGrantAsync(new()
        {
            KeyId = arn,
            GranteePrincipal = annaArn,
            Operations = ["Encrypt", "Decrypt"],
            Constraints = new() { EncryptionContextSubset = new() { ["purpose"] = "test" } },
            Name = "of-a-test",
        });
        var listed = Assert.Single((await service.Kms.ListGrantsAsync(new ListGrantsRequest { KeyId = arn })).Grants);
        Assert.Equal((grant.GrantId, annaArn, "of-a-test", arn), (listed.GrantId, listed.GranteePrincipal, listed.Name, listed.KeyId));

        var encrypted = await anna.EncryptAsync(Encrypt(arn, ("purpose", "test"), ("more", "of it")));
        Assert.Equal("secret", Encoding.UTF8.GetString((await anna.DecryptAsync(
            new() { CiphertextBlob = encrypted.CiphertextBlob, EncryptionContext = new() { ["purpose"] = "test", ["more"] = "of it" } })).Plaintext.ToArray()));
        await MustRefuseAsync(() => anna.EncryptAsync(Encrypt(arn, ("purpose", "another"))), Denied(annaArn, "kms:Encrypt", arn));
        await MustRefuseAsync(() => anna.DescribeKeyAsync(arn), Denied(annaArn, "kms:DescribeKey", arn));

        await service.Kms.RevokeGrantAsync(grant.GrantId, arn);
        await MustRefuseAsync(() => anna.EncryptAsync(Encrypt(arn, ("purpose", "test"))), Denied(annaArn, "kms:Encrypt", arn));
        Assert.Empty((await service.Kms.ListGrantsAsync(new ListGrantsRequest { KeyId = arn })).Grants ?? []);
        await Assert.ThrowsAsync<NotFoundException>(() => service.Kms.RevokeGrantAsync(grant.GrantId, arn));
    }

    [Fact]
    public async Task A_grant_is_retired_by_whom_it_says_and_its_token_works_no_more()
    {
        var arn = await service.NewKeyAsync();
        var ((anna, annaArn), (bob, bobArn)) = (await NewUserAsync(), await NewUserAsync());
        var grant = await service.Kms.CreateGrantAsync(new() { KeyId = arn, GranteePrincipal = annaArn, RetiringPrincipal = bobArn, Operations = ["Encrypt"] });
        var request = Encrypt(arn);
        request.GrantTokens = [grant.GrantToken];
        await anna.EncryptAsync(request);
        await MustRefuseAsync(() => bob.EncryptAsync(request), Denied(bobArn, "kms:Encrypt", arn));
        Assert.Equal(grant.GrantId, Assert.Single((await service.Kms.ListRetirableGrantsAsync(new ListRetirableGrantsRequest { RetiringPrincipal = bobArn })).Grants).GrantId);

        await MustRefuseAsync(() => anna.RetireGrantAsync(new RetireGrantRequest { GrantToken = grant.GrantToken }), Denied(annaArn, "kms:RetireGrant", arn));
        await bob.RetireGrantAsync(new RetireGrantRequest { GrantToken = grant.GrantToken });
        await Assert.ThrowsAsync<InvalidGrantTokenException>(() => anna.EncryptAsync(request));
        await MustRefuseAsync(() => anna.EncryptAsync(Encrypt(arn)), Denied(annaArn, "kms:Encrypt", arn));
        await Assert.ThrowsAsync<InvalidGrantTokenException>(() => bob.RetireGrantAsync(new RetireGrantRequest { GrantToken = grant.GrantToken }));
    }

    /// <summary>SSE-KMS needs the permission on the object and the one on the key, which is judged with the object's context and S3 between.</summary>
    [Fact]
    public async Task An_object_under_a_key_is_written_and_read_by_whom_the_key_lets()
    {
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        var s3 = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::{{bucket}}/*"}]}""";
        var users = new QueryApi(service.Http);
        var (anna, bob) = (await users.NewUserAsync(s3), await users.NewUserAsync(s3));
        var (annaArn, bobArn) = ((await anna.CallerAsync())!, (await bob.CallerAsync())!);
        var onlyThat = $$$"""
            {"StringEquals":{"kms:ViaService":"s3.{{{TestAccount.Region}}}.amazonaws.com","kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::{{{bucket}}}/object"}}
            """;
        var throughS3 = $$"""{"Effect":"Allow","Principal":{"AWS":"{{annaArn}}"},"Action":["kms:GenerateDataKey","kms:Decrypt"],"Resource":"*","Condition":{{onlyThat}} }""";
        await service.Kms.PutKeyPolicyAsync(new() { KeyId = arn, Policy = Policy(RootMayAll, throughS3) });

        RawRequest Put(QueryApi user, string key) => RawRequest.Put(bucket, key, "body"u8.ToArray()) with
        {
            Headers = [("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-aws-kms-key-id", arn)],
            Signer = user.Signer("s3"),
        };
        RawRequest Get(QueryApi user, string key) => RawRequest.Get(bucket, key) with { Signer = user.Signer("s3") };
        (await service.Http.SendAsync(Put(anna, "object"))).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await service.Http.SendAsync(Get(anna, "object"))).MustBe(HttpStatusCode.OK).Text);
        (await service.Http.SendAsync(Put(anna, "another"))).MustBeError(403, "AccessDenied", Denied(annaArn, "kms:GenerateDataKey", arn));
        (await service.Http.SendAsync(Get(bob, "object"))).MustBeError(403, "AccessDenied", Denied(bobArn, "kms:Decrypt", arn));
        (await service.Http.SendAsync(Put(bob, "object"))).MustBeError(403, "AccessDenied", Denied(bobArn, "kms:GenerateDataKey", arn));
        await MustRefuseAsync(() => ClientOf(anna).GenerateDataKeyAsync(new() { KeyId = arn, KeySpec = DataKeySpec.AES_256 }), Denied(annaArn, "kms:GenerateDataKey", arn));

        // Under the key of S3 itself, whoever may use S3 may.
        (await service.Http.SendAsync(RawRequest.Put(bucket, "managed", "body"u8.ToArray()) with { Headers = [("x-amz-server-side-encryption", "aws:kms")], Signer = bob.Signer("s3") })).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await service.Http.SendAsync(Get(bob, "managed"))).MustBe(HttpStatusCode.OK).Text);

        var grant = await service.Kms.CreateGrantAsync(new() { KeyId = arn, GranteePrincipal = bobArn, Operations = ["Decrypt"] });
        await Eventually.TrueAsync(async () => (await service.Http.SendAsync(Get(bob, "object"))).Status == HttpStatusCode.OK, "the grant is seen", seconds: 6);
        await service.Kms.RevokeGrantAsync(grant.GrantId, arn);
        (await service.Http.SendAsync(Get(bob, "object"))).MustBeError(403, "AccessDenied", Denied(bobArn, "kms:Decrypt", arn));
    }

    private static string Denied(string user, string action, string resource, string? reason = null) =>
        $"User: {user} is not authorized to perform: {action} on resource: {resource} {reason ?? $"because no identity-based policy allows the {action} action"}";

    private static string Policy(params string[] statements) => $$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', statements)}}]}""";

    private static string Allow(string principal, string action) =>
        $$$"""{"Effect":"Allow","Principal":{"AWS":"{{{principal}}}"},"Action":"{{{action}}}","Resource":"*"}""";

    private static EncryptRequest Encrypt(string key, params (string Name, string Value)[] context) =>
        new() { KeyId = key, Plaintext = new MemoryStream("secret"u8.ToArray()), EncryptionContext = context.ToDictionary(pair => pair.Name, pair => pair.Value) };

    private static async Task MustRefuseAsync<T>(Func<Task<T>> call, string message)
    {
        var refused = await Assert.ThrowsAnyAsync<AmazonKeyManagementServiceException>(call);
        Assert.Equal(("AccessDeniedException", message), (refused.ErrorCode, refused.Message));
    }

    private AmazonKeyManagementServiceClient ClientOf(QueryApi user) =>
        ServiceClients.NewKms(service.Http.Endpoint, TestAccount.Region, new BasicAWSCredentials(user.AccessKeyId, user.SecretAccessKey));

    private async Task<(IAmazonKeyManagementService Kms, string Arn)> NewUserAsync(params string[] policies)
    {
        var user = await new QueryApi(service.Http).NewUserAsync(policies);
        return (ClientOf(user), (await user.CallerAsync())!);
    }
}
