using System.Net;
using System.Text;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Access;

/// <summary>The requests that govern access to a bucket.</summary>
internal static class PolicyRequests
{
    /// <summary>A policy of one statement about everybody, for the bucket of AWS's examples.</summary>
    /// <param name="condition">A Condition's content.</param>
    /// <param name="resources">The resources; the bucket's objects where none is named.</param>
    public static string Policy(string effect, string action, string condition = "", params string[] resources)
    {
        var listed = string.Join(',', (resources is [] ? ["arn:aws:s3:::amzn-s3-demo-bucket/*"] : resources).Select(resource => $"\"{resource}\""));
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"" + effect + "\",\"Principal\":\"*\",\"Action\":\"" + action
            + "\",\"Resource\":[" + listed + "],\"Condition\":{" + condition + "}}]}";
    }

    public static RawRequest PutPolicy(string bucket, string json) => new("PUT", $"/{bucket}") { Query = [("policy", "")], Body = Encoding.UTF8.GetBytes(json) };

    public static RawRequest GetPolicy(string bucket) => new("GET", $"/{bucket}") { Query = [("policy", "")] };

    public static RawRequest DeletePolicy(string bucket) => new("DELETE", $"/{bucket}") { Query = [("policy", "")] };

    public static RawRequest DeletePublicAccessBlock(string bucket) => new("DELETE", $"/{bucket}") { Query = [("publicAccessBlock", "")] };

    /// <summary>A bucket with that policy, which may be public where <paramref name="open"/>.</summary>
    public static async Task<string> NewBucketAsync(this ServiceFixture service, string policy, string key = DocumentedPolicies.ExampleKey, bool open = false)
    {
        var bucket = await service.NewBucketAsync();
        if (open) (await service.Http.SendAsync(DeletePublicAccessBlock(bucket))).MustBe(HttpStatusCode.NoContent);
        (await service.Https.SendAsync(PutPolicy(bucket, DocumentedPolicies.For(policy, bucket, key)))).MustBe(HttpStatusCode.NoContent);
        return bucket;
    }

    /// <summary>S3's refusal within the account.</summary>
    public static RawAnswer MustBeDenied(this RawAnswer answer, string action, string resource, string reason, string? principal = null) =>
        answer.MustBeError(403, "AccessDenied",
            $"User: {principal ?? $"arn:aws:iam::{TestAccount.Id}:root"} is not authorized to perform: {action} on resource: \"{resource}\" {reason}");
}
