using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;

namespace Serverless.Objects.Cors;

/// <summary>GetBucketCors, PutBucketCors and DeleteBucketCors (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html).</summary>
public sealed class BucketCorsOperations(BucketChanges changes)
{
    public static Task GetAsync(S3Request request, Bucket bucket) =>
        S3Xml.WriteAsync(request.Response, (bucket.Cors ?? throw new S3Exception(S3Errors.NoSuchCorsConfiguration(bucket.Name))).Write(), request.Aborted);

    public async Task PutAsync(BucketChange change, Bucket bucket)
    {
        var cors = CorsConfiguration.Read(S3Xml.Parse(await DocumentBody.ReadAsync(change.Request, CorsConfiguration.MaxSize, S3Errors.MalformedXml).ConfigureAwait(false)));
        change.Parameters[CorsConfiguration.Root] = new JsonObject { ["CORSRule"] = new JsonArray([.. cors.Rules.Select(Describe)]) };
        await changes.ApplyAsync(change, bucket, current => current with { Cors = cors }).ConfigureAwait(false);
    }

    public async Task DeleteAsync(BucketChange change, Bucket bucket)
    {
        await changes.ApplyAsync(change, bucket, current => current with { Cors = null }).ConfigureAwait(false);
        change.Request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static JsonObject Describe(CorsRule rule)
    {
        var described = new JsonObject { ["AllowedOrigin"] = List(rule.AllowedOrigins), ["AllowedMethod"] = List(rule.AllowedMethods) };
        if (rule.Id is { } id) described["ID"] = id;
        if (rule.AllowedHeaders.Count > 0) described["AllowedHeader"] = List(rule.AllowedHeaders);
        if (rule.ExposeHeaders.Count > 0) described["ExposeHeader"] = List(rule.ExposeHeaders);
        if (rule.MaxAgeSeconds is { } seconds) described["MaxAgeSeconds"] = seconds;
        return described;
    }

    private static JsonArray List(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
