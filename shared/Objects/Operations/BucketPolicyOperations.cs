using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;

namespace Serverless.Objects.Operations;

/// <summary>GetBucketPolicy, PutBucketPolicy, DeleteBucketPolicy and GetBucketPolicyStatus (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html).</summary>
public sealed class BucketPolicyOperations(BucketChanges changes, S3Authorizer authorizer, IPrincipals principals)
{
    private const string ConfirmationHeader = "x-amz-confirm-remove-self-bucket-access";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static async Task GetAsync(S3Request request, Bucket bucket)
    {
        var json = Encoding.UTF8.GetBytes(PolicyOf(bucket).Json);
        request.Response.ContentType = "application/json";
        request.Response.ContentLength = json.Length;
        await request.Response.Body.WriteAsync(json, request.Aborted).ConfigureAwait(false);
    }

    public async Task PutAsync(BucketChange change, Bucket bucket)
    {
        var body = await DocumentBody.ReadAsync(change.Request, BucketPolicy.MaxSize, S3Errors.PolicyTooLarge).ConfigureAwait(false);
        var statements = Parse(body, bucket);
        change.Parameters["bucketPolicy"] = JsonNode.Parse(statements.Json);
        await RequirePrincipalsAsync(statements, change.Request.Aborted).ConfigureAwait(false);
        var policy = new BucketPolicy(statements.Json, bucket.Arn);
        await RequireConfirmationAsync(change.Request, bucket with { Policy = policy }).ConfigureAwait(false);
        await changes.ApplyAsync(change, bucket, current => current.Blocks(PublicAccessBlocks.BlockPublicPolicy) && statements.IsPublic
            ? throw new S3Exception(S3Errors.NotAuthorized(change.Request.Caller.Principal, new("s3:PutBucketPolicy", bucket.Arn),
                "because public policies are blocked by the BlockPublicPolicy block public access setting."))
            : current with { Policy = policy }).ConfigureAwait(false);
        change.Request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task DeleteAsync(BucketChange change, Bucket bucket)
    {
        await changes.ApplyAsync(change, bucket, current => current with { Policy = null }).ConfigureAwait(false);
        change.Request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public static Task GetStatusAsync(S3Request request, Bucket bucket) => S3Xml.WriteAsync(request.Response,
        new XElement(S3Xml.Namespace + "PolicyStatus", new XElement(S3Xml.Namespace + "IsPublic", PolicyOf(bucket).Statements?.IsPublic is true)), request.Aborted);

    private static BucketPolicy PolicyOf(Bucket bucket) => bucket.Policy ?? throw new S3Exception(S3Errors.NoSuchBucketPolicy(bucket.Name));

    private static Policy Parse(ReadOnlyMemory<byte> body, Bucket bucket)
    {
        try
        {
            return Policy.ForBucket(StrictUtf8.GetString(body.Span), bucket.Arn);
        }
        catch (PolicyException malformed)
        {
            throw new S3Exception(S3Errors.MalformedPolicy(malformed.Message));
        }
        catch (DecoderFallbackException)
        {
            throw new S3Exception(S3Errors.MalformedPolicy("Policies must be valid JSON and the first byte must be '{'"));
        }
    }

    /// <summary>Whoever a policy names must be there, in the only account that is.</summary>
    private async ValueTask RequirePrincipalsAsync(Policy statements, CancellationToken cancellationToken)
    {
        foreach (var name in statements.Principals)
        {
            if (name != "*" && await principals.FindIdAsync(PrincipalName.ArnOf(name), cancellationToken).ConfigureAwait(false) is null)
                throw new S3Exception(S3Errors.MalformedPolicy("Invalid principal in policy").With("Detail", $"\"AWS\" : \"{name}\""));
        }
    }

    /// <summary>Whoever would not be allowed to change the policy any more must say that this is meant.</summary>
    private async ValueTask RequireConfirmationAsync(S3Request request, Bucket withPolicy)
    {
        if (string.Equals(request.Header(ConfirmationHeader), "true", StringComparison.OrdinalIgnoreCase)) return;
        try
        {
            await authorizer.AuthorizeAsync(S3Operation.PutBucketPolicy, request, withPolicy).ConfigureAwait(false);
        }
        catch (S3Exception)
        {
            throw new S3Exception(S3Errors.AccessDenied with
            {
                Message = $"The policy would not let you change it again. If that is meant, send it with {ConfirmationHeader}: true.",
            });
        }
    }
}
