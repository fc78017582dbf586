using System.Text;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Tests;

public class RequestedReencryptionTests
{
    private const string Account = "123456789012";
    private const string Arn = $"arn:aws:kms:us-east-1:{Account}:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    [Theory]
    [InlineData("<SSE-S3/>", null, false)]
    [InlineData("<SSE-S3></SSE-S3>", null, false)]
    [InlineData($"<SSE-KMS><KMSKeyArn>{Arn}</KMSKeyArn></SSE-KMS>", Arn, false)]
    [InlineData($"<SSE-KMS><KMSKeyArn>{Arn}</KMSKeyArn><BucketKeyEnabled>false</BucketKeyEnabled></SSE-KMS>", Arn, false)]
    [InlineData($"<SSE-KMS><BucketKeyEnabled>true</BucketKeyEnabled><KMSKeyArn>{Arn}</KMSKeyArn></SSE-KMS>", Arn, true)]
    public void A_document_names_the_new_encryption(string content, string? arn, bool bucketKey)
    {
        Assert.Equal(new(arn, bucketKey), Read($"<ObjectEncryption>{content}</ObjectEncryption>"));
        Assert.Equal(new(arn, bucketKey), Read($"<ObjectEncryption xmlns=\"{S3Xml.Namespace}\">{content}</ObjectEncryption>"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<Other/>")]
    [InlineData("<ObjectEncryption>")]
    [InlineData($"<ObjectEncryption><SSE-S3/><SSE-KMS><KMSKeyArn>{Arn}</KMSKeyArn></SSE-KMS></ObjectEncryption>")]
    [InlineData($"<ObjectEncryption><SSE-KMS><KMSKeyArn>{Arn}</KMSKeyArn><KMSKeyArn>{Arn}</KMSKeyArn></SSE-KMS></ObjectEncryption>")]
    [InlineData($"<ObjectEncryption><SSE-KMS><KMSKeyArn>{Arn}</KMSKeyArn><Other/></SSE-KMS></ObjectEncryption>")]
    public void A_document_that_is_none_is_malformed(string document) => Assert.Equal(S3Errors.MalformedXml, Assert.Throws<S3Exception>(() => Read(document)).Error);

    public static TheoryData<string, S3Error> Refused => new()
    {
        { "", ReencryptionErrors.NoType },
        { "<SSE/>", ReencryptionErrors.NoType },
        { "<SSE-S3><KMSKeyArn/></SSE-S3>", ReencryptionErrors.NoType },
        { "<DSSE-KMS/>", ReencryptionErrors.UnsupportedType },
        { "<SSE-C/>", ReencryptionErrors.UnsupportedType },
        { "<SSE-KMS/>", ReencryptionErrors.NoKey },
        { "<SSE-KMS><KMSKeyArn/></SSE-KMS>", ReencryptionErrors.NoKey },
        { "<SSE-KMS><KMSKeyArn>1234abcd-12ab-34cd-56ef-1234567890ab</KMSKeyArn></SSE-KMS>", ReencryptionErrors.NoKeyArn },
        { $"<SSE-KMS><KMSKeyArn>arn:aws:kms:us-east-1:{Account}:alias/a</KMSKeyArn></SSE-KMS>", ReencryptionErrors.NoKeyArn },
        { $"<SSE-KMS><KMSKeyArn>{Arn}</KMSKeyArn><BucketKeyEnabled>yes</BucketKeyEnabled></SSE-KMS>", ReencryptionErrors.InvalidBucketKey },
        { $"<SSE-KMS><KMSKeyArn>{Arn.Replace(Account, "999999999999", StringComparison.Ordinal)}</KMSKeyArn></SSE-KMS>", ReencryptionErrors.ForeignKey },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_cannot_be_done_is_refused_in_AWSs_words(string content, S3Error error) =>
        Assert.Equal(error, Assert.Throws<S3Exception>(() => Read($"<ObjectEncryption>{content}</ObjectEncryption>")).Error);

    [Theory]
    [InlineData(null, false, EncryptionMode.S3)]
    [InlineData(Arn, false, EncryptionMode.Kms)]
    [InlineData(Arn, true, EncryptionMode.Kms)]
    public void Policies_see_it_as_a_writes_headers_and_the_customers_key_is_none_of_them(string? arn, bool bucketKey, EncryptionMode mode)
    {
        var headers = new HeaderDictionary
        {
            [SseHeaders.CustomerAlgorithm] = "AES256",
            [SseHeaders.CustomerKey] = "key",
            [SseHeaders.CustomerKeyMd5] = "md5",
            [SseHeaders.KmsKeyId] = "another",
            [SseHeaders.Context] = "context",
        };
        new RequestedReencryption(arn, bucketKey).WriteTo(headers);
        using var requested = RequestedEncryption.Read(headers, secureTransport: true);
        Assert.Equal((mode, arn, bucketKey, 0), (requested.Mode!.Value, requested.KmsKeyId, requested.BucketKey!.Value, requested.Context.Pairs.Count));
        Assert.Null(requested.CustomerKey);
    }

    [Fact]
    public void The_clients_context_stays_with_the_object_from_KMS_to_KMS_and_S3s_own_pair_is_made_anew()
    {
        var description = ObjectStoreContract.Describe() with { EncryptionContext = new() { ["department"] = "a", ["aws:s3:arn"] = "arn:aws:s3:::bucket/key" } };
        Assert.Equal([new("department", "a")], new RequestedReencryption(Arn, true).Of(description).Context.Pairs);
        Assert.Empty(new RequestedReencryption(null, false).Of(description).Context.Pairs);
    }

    private static RequestedReencryption Read(string document) => RequestedReencryption.Read(S3Xml.Parse(Encoding.UTF8.GetBytes(document)), Account);
}
