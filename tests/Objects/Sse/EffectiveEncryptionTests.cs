using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Encryption;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using static Serverless.Objects.Sse.EncryptionMode;

namespace Serverless.Objects.Tests;

public class EffectiveEncryptionTests
{
    private static readonly BucketEncryption Initial = BucketEncryption.Initial;
    private static readonly BucketEncryption S3WithBucketKey = new(EncryptionMode.S3, null, true);
    private static readonly BucketEncryption Managed = new(Kms, null, false);
    private static readonly BucketEncryption Keyed = new(Kms, "bucket's", false);
    private static readonly BucketEncryption KeyedWithBucketKey = new(Kms, "bucket's", true);
    private static readonly BucketEncryption Double = new(DoubleKms, "bucket's", true);

    /// <summary>What the request says (mode, key, bucket key), what the bucket does, and what is done.</summary>
    public static TheoryData<EncryptionMode?, string?, bool?, BucketEncryption, EncryptionMode, string?, bool> Table => new()
    {
        { null, null, null, Initial, EncryptionMode.S3, null, false },
        { null, null, true, Initial, EncryptionMode.S3, null, false },
        { null, null, null, S3WithBucketKey, EncryptionMode.S3, null, false },
        { null, null, null, Managed, Kms, null, false },
        { null, null, null, Keyed, Kms, "bucket's", false },
        { null, null, true, Keyed, Kms, "bucket's", true },
        { null, null, null, KeyedWithBucketKey, Kms, "bucket's", true },
        { null, null, false, KeyedWithBucketKey, Kms, "bucket's", false },
        { null, null, null, Double, DoubleKms, "bucket's", false },
        { null, null, true, Double, DoubleKms, "bucket's", false },
        { EncryptionMode.S3, null, null, KeyedWithBucketKey, EncryptionMode.S3, null, false },
        { EncryptionMode.S3, null, true, Initial, EncryptionMode.S3, null, false },
        { Kms, null, null, Initial, Kms, null, false },
        { Kms, null, null, KeyedWithBucketKey, Kms, null, true },
        { Kms, null, null, S3WithBucketKey, Kms, null, true },
        { Kms, "request's", null, Keyed, Kms, "request's", false },
        { Kms, "request's", true, Keyed, Kms, "request's", true },
        { Kms, "request's", false, KeyedWithBucketKey, Kms, "request's", false },
        { Kms, "request's", null, Double, Kms, "request's", true },
        { DoubleKms, "request's", true, KeyedWithBucketKey, DoubleKms, "request's", false },
        { DoubleKms, null, null, Keyed, DoubleKms, null, false },
        { Customer, null, null, KeyedWithBucketKey, Customer, null, false },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void The_requests_own_choice_wins_and_the_buckets_default_fills_the_rest(
        EncryptionMode? mode, string? keyId, bool? bucketKey, BucketEncryption bucketDefault, EncryptionMode effectiveMode, string? effectiveKey, bool effectiveBucketKey)
    {
        using var requested = new RequestedEncryption(mode, keyId, EncryptionContext.Empty, bucketKey, null);
        var effective = EffectiveEncryption.Of(requested, bucketDefault);
        Assert.Equal((effectiveMode, effectiveKey, effectiveBucketKey), (effective.Mode, effective.KmsKeyId, effective.BucketKey));
    }

    [Theory]
    [InlineData(Customer, true, true)]
    [InlineData(Customer, false, false)]
    [InlineData(EncryptionMode.S3, true, false)]
    [InlineData(Kms, true, false)]
    public void A_bucket_that_blocks_customer_keys_blocks_nothing_else(EncryptionMode mode, bool blocks, bool refused)
    {
        var bucket = new Bucket("bucket", "us-east-1", "container", DateTimeOffset.UnixEpoch, blocks);
        var caller = new Caller(Principal.Root("000000000000", null), "id", null, null, true);
        var error = new EffectiveEncryption(mode, null, EncryptionContext.Empty, false, null).JudgeBlock(bucket, "key", caller);
        Assert.Equal(refused ? "AccessDenied 403 User: arn:aws:iam::000000000000:root is not authorized to perform: s3:PutObject on resource: "
            + "\"arn:aws:s3:::bucket/key\" because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). "
            + "Please specify a different server-side encryption type" : null, error is null ? null : $"{error.Code} {error.Status} {error.Message}");
    }

    [Fact]
    public void Of_a_requests_headers_it_is_told_without_the_customers_key_and_of_malformed_ones_not_at_all()
    {
        Assert.Equal(Kms, EffectiveEncryption.TryOf(new HeaderDictionary(), secureTransport: false, Managed)!.Mode);
        Assert.Equal(DoubleKms, EffectiveEncryption.TryOf(new HeaderDictionary { [SseHeaders.Algorithm] = "aws:kms:dsse" }, secureTransport: false, Managed)!.Mode);
        Assert.Null(EffectiveEncryption.TryOf(new HeaderDictionary { [SseHeaders.Algorithm] = "AES192" }, secureTransport: true, Managed));
        var key = new byte[32];
        var headers = new HeaderDictionary
        {
            [SseHeaders.CustomerAlgorithm] = "AES256",
            [SseHeaders.CustomerKey] = Convert.ToBase64String(key),
            [SseHeaders.CustomerKeyMd5] = Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(key)),
        };
        var customer = EffectiveEncryption.TryOf(headers, secureTransport: true, Managed)!;
        Assert.Equal((Customer, null), (customer.Mode, customer.CustomerKey));
        Assert.Null(EffectiveEncryption.TryOf(headers, secureTransport: false, Managed));
    }

    [Fact]
    public void Policies_have_a_name_for_every_mode() => Assert.Equal(["AES256", "aws:kms", "aws:kms:dsse", "SSE-C"],
        Enum.GetValues<EncryptionMode>().Select(mode => new EffectiveEncryption(mode, null, EncryptionContext.Empty, false, null).PolicyName));
}
