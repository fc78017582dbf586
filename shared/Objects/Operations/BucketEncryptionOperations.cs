using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Operations;

/// <summary>GetBucketEncryption, PutBucketEncryption and DeleteBucketEncryption (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html).</summary>
public sealed class BucketEncryptionOperations(BucketChanges changes)
{
    /// <summary>Far more than the one rule takes, and less than what the store takes for it.</summary>
    private const int MaxSize = 16 * 1024;

    public static Task GetAsync(S3Request request, Bucket bucket) => S3Xml.WriteAsync(request.Response, BucketEncryptionRule.Write(bucket), request.Aborted);

    public async Task PutAsync(BucketChange change, Bucket bucket)
    {
        var rule = BucketEncryptionRule.Read(S3Xml.Parse(await DocumentBody.ReadAsync(change.Request, MaxSize, S3Errors.MalformedXml).ConfigureAwait(false)));
        change.Parameters[BucketEncryptionRule.Root] = Describe(rule);
        await changes.ApplyAsync(change, bucket, current => current with
        {
            ConfiguredEncryption = rule.Encryption,
            BlocksCustomerKeys = rule.BlocksCustomerKeys ?? current.BlocksCustomerKeys,
        }).ConfigureAwait(false);
    }

    /// <summary>Back to SSE-S3. A block of SSE-C stays: nobody has asked for it to be lifted.</summary>
    public async Task DeleteAsync(BucketChange change, Bucket bucket)
    {
        await changes.ApplyAsync(change, bucket, current => current with { ConfiguredEncryption = null }).ConfigureAwait(false);
        change.Request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static JsonObject Describe(BucketEncryptionRule rule)
    {
        var encryption = new JsonObject { ["SSEAlgorithm"] = SseHeaders.NameOf(rule.Encryption.Mode) };
        if (rule.Encryption.KmsKeyId is { } keyId) encryption["KMSMasterKeyID"] = keyId;
        var described = new JsonObject { ["ApplyServerSideEncryptionByDefault"] = encryption, ["BucketKeyEnabled"] = rule.Encryption.BucketKey };
        if (rule.BlocksCustomerKeys is { } blocks) described["BlockedEncryptionTypes"] = new JsonObject { ["EncryptionType"] = blocks ? "SSE-C" : "NONE" };
        return new() { ["Rule"] = described };
    }
}
