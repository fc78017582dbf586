using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;

namespace Serverless.Objects.Acls;

/// <summary>
/// GetBucketOwnershipControls, PutBucketOwnershipControls and DeleteBucketOwnershipControls (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html). The bucket's owner owns its objects;
/// settings that would let ACLs count are refused. Where the controls are deleted, that is what is answered, and ACLs are refused as before.
/// </summary>
public sealed class OwnershipControlsOperations(BucketChanges changes)
{
    /// <summary>The setting of a bucket that is created.</summary>
    public const string Header = "x-amz-object-ownership";

    private const string Root = "OwnershipControls";
    private const string Rule = "Rule";
    private const string Setting = "ObjectOwnership";
    private const string Enforced = "BucketOwnerEnforced";
    private const int MaxSize = 64 * 1024;

    /// <summary>What S3 has beside that.</summary>
    private static readonly string[] WithAcls = ["BucketOwnerPreferred", "ObjectWriter"];

    public static Task GetAsync(S3Request request, Bucket bucket) => bucket.HasOwnershipControls
        ? S3Xml.WriteAsync(request.Response, S3Xml.Element(Root, S3Xml.Element(Rule, S3Xml.Element(Setting, Enforced))), request.Aborted)
        : throw new S3Exception(AclErrors.NoOwnershipControls(bucket.Name));

    public async Task PutAsync(BucketChange change, Bucket bucket)
    {
        var setting = Read(S3Xml.Parse(await DocumentBody.ReadAsync(change.Request, MaxSize, S3Errors.MalformedXml).ConfigureAwait(false)));
        change.Parameters[Root] = new JsonObject { [Rule] = new JsonObject { [Setting] = setting } };
        if (setting != Enforced)
            throw new S3Exception(WithAcls.Contains(setting) ? S3Errors.OperationNotImplemented($"{change.Operation} with {setting}") : S3Errors.MalformedXml);
        await changes.ApplyAsync(change, bucket, current => current with { HasOwnershipControls = true }).ConfigureAwait(false);
    }

    public async Task DeleteAsync(BucketChange change, Bucket bucket)
    {
        await changes.ApplyAsync(change, bucket, current => current with { HasOwnershipControls = false }).ConfigureAwait(false);
        change.Request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Judges what is asked for a bucket that is to be created.</summary>
    /// <exception cref="S3Exception">NotImplemented for settings that let ACLs count, InvalidArgument for what is none.</exception>
    public static void JudgeForNewBucket(S3Request request)
    {
        if (request.Header(Header) is not { } setting || setting == Enforced) return;
        throw new S3Exception(WithAcls.Contains(setting) ? S3Errors.HeaderNotImplemented(Header) : AclErrors.UnknownOwnership(setting));
    }

    private static string Read(XElement? document)
    {
        if (document is not { Name.LocalName: Root } || S3Xml.Items(document, Rule) is not [var rule]) throw new S3Exception(S3Errors.MalformedXml);
        return S3Xml.Text(S3Xml.Required(S3Xml.Members(rule, Setting), Setting));
    }
}
