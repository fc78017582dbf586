using System.Text.Json.Nodes;
using Serverless.Objects.Api;

namespace Serverless.Objects.Operations;

/// <summary>A request that changes a bucket itself, on its way: what the audit trail tells of it, whether it goes through or is refused.</summary>
public sealed class BucketChange(S3Operation operation, S3Request request, string region)
{
    public S3Operation Operation => operation;

    public S3Request Request => request;

    /// <summary>The bucket's Region; the deployment's own until the bucket is known.</summary>
    public string Region { get; set; } = region;

    /// <summary>The record's requestParameters, in CloudTrail's names, as far as they are known.</summary>
    public JsonObject Parameters { get; } = new() { ["bucketName"] = request.BucketName };

    /// <summary>Whether the change is on the trail as one that goes through.</summary>
    public bool IsRecorded { get; set; }
}
