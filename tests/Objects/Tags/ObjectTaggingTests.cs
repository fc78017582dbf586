using System.Text;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Tests.Tags;

/// <summary>Tags are changed on the state that was seen and judged, and on no other.</summary>
public class ObjectTaggingTests
{
    private readonly MemoryStore _store = new();
    private readonly ObjectTaggingOperations _operations;

    public ObjectTaggingTests()
    {
        var finder = new VersionParts(_store, TimeProvider.System).Finder;
        _operations = new(finder, new S3Authorizer(new VersionedKeys(), new MemoryUploadStore(), finder, new ServiceIdentity { AccountId = S3Requests.Account }, TimeProvider.System));
    }

    [Fact]
    public async Task A_lost_race_is_run_again_on_the_object_that_there_is_then()
    {
        var bucket = await NewBucketAsync();
        await WriteAsync(bucket, "before");
        Replace(bucket, times: 3);
        await _operations.PutAsync(await PutAsync(), bucket);
        var found = (await _store.FindAsync(bucket.At("key"), default))!.Description;
        Assert.Equal(("replaced 3", "b"), (found.ETag, found.Tags!["a"]));
    }

    [Fact]
    public async Task Who_loses_always_is_asked_to_come_again()
    {
        var bucket = await NewBucketAsync();
        await WriteAsync(bucket, "before");
        Replace(bucket, times: 100);
        Assert.Equal("OperationAborted", (await Assert.ThrowsAsync<S3Exception>(async () => await _operations.PutAsync(await PutAsync(), bucket))).Error.Code);
        Assert.Null((await _store.FindAsync(bucket.At("key"), default))!.Description.Tags);
    }

    [Fact]
    public async Task An_object_that_came_in_between_is_judged_by_its_own_tags()
    {
        var bucket = await NewBucketAsync();
        bucket = bucket with
        {
            Policy = new("""
                {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObjectTagging","Resource":"arn:aws:s3:::bucket/*",
                  "Condition":{"StringEquals":{"s3:ExistingObjectTag/class":"secret"}}}]}
                """, bucket.Arn),
        };
        await WriteAsync(bucket, "open");
        Replace(bucket, times: 1, new(StringComparer.Ordinal) { ["class"] = "secret" });
        Assert.Equal("AccessDenied", (await Assert.ThrowsAsync<S3Exception>(async () => await _operations.PutAsync(await PutAsync(), bucket))).Error.Code);
        Assert.Equal("secret", (await _store.FindAsync(bucket.At("key"), default))!.Description.Tags!["class"]);
    }

    private static Task<S3Request> PutAsync() => S3Requests.SignedAsync("PUT", "/bucket/key", "tagging", body: Encoding.UTF8.GetBytes(
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"));

    /// <summary>Lets another write come before each of the next updates.</summary>
    private void Replace(Bucket bucket, int times, SortedDictionary<string, string>? tags = null)
    {
        var count = 0;
        _store.BeforeUpdate = _ => ++count <= times ? WriteAsync(bucket, $"replaced {count}", tags) : Task.CompletedTask;
    }

    private async Task<Bucket> NewBucketAsync()
    {
        Assert.True(await _store.CreateAsync(new("bucket", "us-east-1"), default));
        return (await _store.FindAsync("bucket", default))!;
    }

    private async Task WriteAsync(Bucket bucket, string etag, SortedDictionary<string, string>? tags = null)
    {
        var description = new ObjectDescription
        {
            Id = new byte[16],
            Mode = EncryptionMode.S3,
            Length = 0,
            ETag = etag,
            LastModified = S3Requests.Now,
            Headers = [],
            UserMetadata = [],
            Tags = tags,
        };
        using var content = new SegmentedBuffer(1);
        Assert.True(await _store.WriteAsync(bucket.At("key"), description, new([]), null, content, ExpectedState.Any, default));
    }
}
