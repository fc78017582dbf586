using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;

namespace Serverless.Objects.Tags;

/// <summary>GetBucketTagging, PutBucketTagging and DeleteBucketTagging (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html).</summary>
public sealed class BucketTaggingOperations(BucketChanges changes)
{
    public static Task GetAsync(S3Request request, Bucket bucket) => bucket.Tags.Count > 0
        ? S3Xml.WriteAsync(request.Response, TagSet.Write(bucket.Tags), request.Aborted)
        : throw new S3Exception(TaggingErrors.NoSuchTagSet(bucket.Name));

    /// <summary>The tags replace all that there are; none of them is as good as their deletion.</summary>
    public async Task PutAsync(BucketChange change, Bucket bucket)
    {
        var body = await DocumentBody.ReadAsync(change.Request, TagSet.MaxDocumentSize, S3Errors.MalformedXml).ConfigureAwait(false);
        var tags = TagSet.Read(S3Xml.Parse(body), TagRules.OfBucket);
        change.Parameters["Tagging"] = new JsonObject { ["TagSet"] = new JsonObject { ["Tag"] = Describe(tags) } };
        await ApplyAsync(change, bucket, tags).ConfigureAwait(false);
    }

    public Task DeleteAsync(BucketChange change, Bucket bucket) => ApplyAsync(change, bucket, FrozenDictionary<string, string>.Empty);

    /// <summary>Tags as the audit trail has them.</summary>
    public static JsonArray Describe(IEnumerable<KeyValuePair<string, string>> tags) =>
        new([.. tags.Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]);

    private async Task ApplyAsync(BucketChange change, Bucket bucket, IReadOnlyDictionary<string, string> tags)
    {
        await changes.ApplyAsync(change, bucket, current => current with { Tags = tags }).ConfigureAwait(false);
        change.Request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
