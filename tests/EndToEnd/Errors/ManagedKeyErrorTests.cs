using System.Net;
using System.Text;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Errors;

/// <summary>What S3 answers to wrong SSE-S3 and SSE-KMS headers, and to KMS keys that cannot be used.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class ManagedKeyErrorTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string KeyId = $"{Sse}-aws-kms-key-id";
    private const string Context = $"{Sse}-context";
    private const string UnknownMethod = "The encryption method specified is not supported";
    private const string KmsNeeded = "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms";
    private const string BadContext = "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map";
    private const string UnknownKey = "134f2428-cec1-4b25-a1ae-9048164dba47";

    private static string KeyArn(string region) => $"arn:aws:kms:{region}:{TestAccount.Id}:key/{UnknownKey}";

    public static TheoryData<string, (string, string)[], string, string> OnWrites() => new()
    {
        { "unknown method", [(Sse, "ROT13")], "InvalidArgument", UnknownMethod },
        { "method in another case", [(Sse, "aes256")], "InvalidArgument", UnknownMethod },
        { "empty method", [(Sse, "")], "InvalidArgument", UnknownMethod },
        { "key without method", [(KeyId, UnknownKey)], "InvalidArgument", KmsNeeded },
        { "key with AES256", [(Sse, "AES256"), (KeyId, UnknownKey)], "InvalidArgument", KmsNeeded },
        { "context that is not base64", [(Sse, "aws:kms"), (Context, "{}")], "InvalidArgument", BadContext },
        { "context that is not JSON", [(Sse, "aws:kms"), (Context, Base64("department"))], "InvalidArgument", BadContext },
        { "context that is not a map", [(Sse, "aws:kms"), (Context, Base64("""["department"]"""))], "InvalidArgument", BadContext },
        { "context with a number", [(Sse, "aws:kms"), (Context, Base64("""{"department":10}"""))], "InvalidArgument", BadContext },
        { "context with null", [(Sse, "aws:kms"), (Context, Base64("""{"department":null}"""))], "InvalidArgument", BadContext },
        { "context with a name twice", [(Sse, "aws:kms"), (Context, Base64("""{"a":"1","a":"2"}"""))], "InvalidArgument", BadContext },
        { "malformed key id", [(Sse, "aws:kms"), (KeyId, "fake-key-id")], "KMS.NotFoundException", "Invalid keyId 'fake-key-id'" },
        { "unknown key id", [(Sse, "aws:kms"), (KeyId, UnknownKey)], "KMS.NotFoundException", $"Key '{KeyArn(TestAccount.Region)}' does not exist" },
        { "unknown key ARN", [(Sse, "aws:kms"), (KeyId, KeyArn(TestAccount.Region))], "KMS.NotFoundException", $"Key '{KeyArn(TestAccount.Region)}' does not exist" },
        { "unknown key with DSSE", [(Sse, "aws:kms:dsse"), (KeyId, UnknownKey)], "KMS.NotFoundException", $"Key '{KeyArn(TestAccount.Region)}' does not exist" },
        { "ARN of another Region", [(Sse, "aws:kms"), (KeyId, KeyArn(TestAccount.OtherRegion))], "KMS.NotFoundException", $"Invalid arn {TestAccount.OtherRegion}" },
    };

    [Theory]
    [MemberData(nameof(OnWrites))]
    public async Task A_write_with_wrong_headers_is_refused_and_leaves_no_object(string name, (string, string)[] headers, string code, string message)
    {
        var bucket = await service.NewBucketAsync();
        var put = await service.Http.SendAsync(RawRequest.Put(bucket, name, "body"u8.ToArray(), headers));
        put.MustBeError(400, code, message);
        Assert.Equal(code == "InvalidArgument" ? Sse : null, put.ErrorField("ArgumentName"));
        (await service.Http.SendAsync(RawRequest.Head(bucket, name))).MustBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(Sse, "AES256")]
    [InlineData(Sse, "aws:kms")]
    [InlineData(KeyId, UnknownKey)]
    public async Task A_read_refuses_the_headers_of_a_write(string header, string value)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object", (header, value)))).MustBe(HttpStatusCode.BadRequest);
        var head = await service.Http.SendAsync(RawRequest.Head(bucket, "object", (header, value)));
        Assert.Equal((HttpStatusCode.BadRequest, 0), (head.Status, head.Body.Length));
    }

    [Fact]
    public async Task A_disabled_key_neither_writes_nor_reads_at_once_and_an_enabled_one_does_again()
    {
        var (bucket, arn) = await PutUnderOwnKeyAsync();
        await service.Kms.DisableKeyAsync(arn);
        await RefusedAsync(bucket, arn, "KMS.DisabledException", $"{arn} is disabled.");

        await service.Kms.EnableKeyAsync(arn);
        Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK).Text);
        (await PutAsync(bucket, arn)).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_pending_deletion_neither_writes_nor_reads_until_its_deletion_is_cancelled()
    {
        var (bucket, arn) = await PutUnderOwnKeyAsync();
        await service.Kms.ScheduleKeyDeletionAsync(arn, 7);
        await RefusedAsync(bucket, arn, "KMS.KMSInvalidStateException", $"{arn} is pending deletion.");

        await service.Kms.CancelKeyDeletionAsync(arn);
        await RefusedAsync(bucket, arn, "KMS.DisabledException", $"{arn} is disabled.");
        await service.Kms.EnableKeyAsync(arn);
        Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task HEAD_touches_no_key()
    {
        var (bucket, arn) = await PutUnderOwnKeyAsync();
        await service.Kms.DisableKeyAsync(arn);
        Assert.Equal(arn, (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.OK)[KeyId]);
    }

    [Fact]
    public async Task SSE_KMS_needs_a_SigV4_signature()
    {
        var bucket = await service.NewBucketAsync();
        var put = RawRequest.Put(bucket, "object", "body"u8.ToArray(), (Sse, "aws:kms")) with
        {
            Anonymous = true,
            UnsignedHeaders = [("Authorization", $"AWS {TestAccount.AccessKeyId}:c2lnbmF0dXJl")],
        };
        (await service.Http.SendAsync(put)).MustBeError(400, "InvalidArgument",
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.");
    }

    private async Task RefusedAsync(string bucket, string arn, string code, string message)
    {
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBeError(400, code, message);
        (await PutAsync(bucket, arn)).MustBeError(400, code, message);
    }

    private async Task<(string Bucket, string KeyArn)> PutUnderOwnKeyAsync()
    {
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        (await PutAsync(bucket, arn)).MustBe(HttpStatusCode.OK);
        return (bucket, arn);
    }

    private Task<RawAnswer> PutAsync(string bucket, string arn) =>
        service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), (Sse, "aws:kms"), (KeyId, arn)));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
