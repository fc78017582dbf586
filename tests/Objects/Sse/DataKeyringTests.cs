using Serverless.Access;
using Serverless.Encryption;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

public class DataKeyringTests
{
    private const string ArnPair = "aws:s3:arn";

    private static readonly Bucket Bucket = new("bucket", "us-east-1", "container", DateTimeOffset.UnixEpoch, false);
    private static readonly Caller Caller = new(Principal.Root("000000000000", null), "id", null, null, true);

    private readonly DataKeyring _keyring = new(new VersionedKeys(), new VersionedKeys());

    [Theory]
    [InlineData("arn:aws:s3:::bucket/key", false)]
    [InlineData("arn:aws:s3:::bucket", true)]
    public async Task A_client_may_name_in_its_context_what_the_key_is_bound_to_anyway(string arn, bool bucketKey)
    {
        var (stored, plain) = await CreateAsync(arn, bucketKey);
        using var open = await _keyring.OpenAsync(stored, null, Bucket, "key", Caller, default);
        Assert.Equal(plain, open.Inner.Bytes.ToArray());
    }

    [Theory]
    [InlineData("arn:aws:s3:::bucket/other", false)]
    [InlineData("arn:aws:s3:::bucket", false)]
    [InlineData("arn:aws:s3:::bucket/key", true)]
    public async Task A_client_may_not_name_anything_else(string arn, bool bucketKey)
    {
        var refused = await Assert.ThrowsAsync<S3Exception>(() => CreateAsync(arn, bucketKey));
        Assert.Equal(("InvalidArgument", 400), (refused.Error.Code, refused.Error.Status));
    }

    private async Task<(StoredObject Stored, byte[] DataKey)> CreateAsync(string arn, bool bucketKey)
    {
        var context = EncryptionContext.Of([new(ArnPair, arn)]);
        using var keys = await _keyring.CreateAsync(new(EncryptionMode.Kms, null, context, bucketKey, null), Bucket, "key", Caller, default);
        var description = ObjectStoreContract.Describe() with { Mode = EncryptionMode.Kms, EncryptionContext = new(context.Pairs.ToDictionary()) };
        return (new(description, keys.Wrapped, ObjectStoreContract.Streams, ""), keys.Inner.Bytes.ToArray());
    }
}
