using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>Tags of buckets.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class BucketTaggingTests(ServiceFixture service)
{
    [Fact]
    public async Task A_buckets_tags_are_put_replaced_and_deleted()
    {
        var bucket = await service.NewBucketAsync();
        var none = (await service.Http.SendAsync(TaggingRequest.Get(bucket))).MustBeError(404, "NoSuchTagSet", "The TagSet does not exist");
        Assert.Equal(bucket, none.ErrorField("BucketName"));
        await service.S3.PutBucketTaggingAsync(bucket, [new() { Key = "tag2", Value = "" }, new() { Key = "tag1", Value = "ä=b" }]);
        Assert.Equal(["tag1=ä=b", "tag2="], await GetAsync(bucket));
        (await service.Http.SendAsync(TaggingRequest.Put(bucket, ("tag3", "tag3")))).MustBe(HttpStatusCode.NoContent);
        Assert.Equal(["tag3=tag3"], await GetAsync(bucket));
        (await service.Http.SendAsync(TaggingRequest.Delete(bucket))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(TaggingRequest.Get(bucket))).MustBeError(404, "NoSuchTagSet");
        (await service.Http.SendAsync(TaggingRequest.Delete(bucket))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(TaggingRequest.Put(bucket))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(TaggingRequest.Get(bucket))).MustBeError(404, "NoSuchTagSet");
        (await service.Http.SendAsync(TaggingRequest.Get("no-such-bucket-here"))).MustBeError(404, "NoSuchBucket");
    }

    [Fact]
    public async Task Wrong_tags_are_refused_and_change_nothing()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var (document, code, message) in new[]
        {
            ("", "MalformedXML", null), ("<Tagging/>", "MalformedXML", null),
            (TaggingRequest.Document(("Key1", "a"), ("Key1", "b")), "InvalidTag", "Cannot provide multiple Tags with the same key"),
            (TaggingRequest.Document(("Key1,Key2", "a")), "InvalidTag", "The TagKey you have provided is invalid"),
            (TaggingRequest.Document(("Key1", "Val1,Val2")), "InvalidTag", "The TagValue you have provided is invalid"),
            (TaggingRequest.Document(("aws:prefixed", "a")), "InvalidTag", "System tags cannot be added/updated by requester"),
            (TaggingRequest.Document([.. Enumerable.Range(0, 51).Select(i => ($"key{i}", ""))]), "BadRequest", "Bucket tag count cannot be greater than 50"),
        })
        {
            (await service.Http.SendAsync(TaggingRequest.Put(bucket, document))).MustBeError(400, code, message);
        }
        (await service.Http.SendAsync(TaggingRequest.Get(bucket))).MustBeError(404, "NoSuchTagSet");
    }

    [Fact]
    public async Task A_bucket_may_be_created_with_tags()
    {
        var bucket = $"tagged-{Guid.NewGuid():N}";
        await service.S3.PutBucketAsync(new PutBucketRequest
        {
            BucketName = bucket,
            PutBucketConfiguration = new() { Tags = [new() { Key = "team", Value = "red" }] },
        });
        Assert.Equal(["team=red"], await GetAsync(bucket));
        (await service.Http.SendAsync(new RawRequest("PUT", $"/not-{bucket}")
        {
            Body = Encoding.UTF8.GetBytes("<CreateBucketConfiguration><Tags><Tag><Key>aws:a</Key><Value/></Tag></Tags></CreateBucketConfiguration>"),
        })).MustBeError(400, "InvalidTag");
        (await service.Http.SendAsync(new RawRequest("HEAD", $"/not-{bucket}"))).MustBe(HttpStatusCode.NotFound);
    }

    private async Task<string[]> GetAsync(string bucket) =>
        [.. (await service.S3.GetBucketTaggingAsync(new GetBucketTaggingRequest { BucketName = bucket })).TagSet.Select(tag => $"{tag.Key}={tag.Value}")];
}
