using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Acls;

/// <summary>
/// GetBucketAcl, PutBucketAcl, GetObjectAcl and PutObjectAcl (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html), as S3 answers them where ACLs are disabled: everything has its owner's full control,
/// and can be given nothing else.
/// </summary>
public sealed class AclOperations(ObjectFinder finder, BucketTrail trail, ServiceIdentity identity)
{
    public Task GetOfBucketAsync(S3Request request) => AnswerAsync(request);

    public async Task PutOnBucketAsync(BucketChange change)
    {
        await JudgeAsync(change.Request).ConfigureAwait(false);
        await trail.RecordAsync(change).ConfigureAwait(false);
    }

    public async Task GetOfObjectAsync(S3Request request, Bucket bucket)
    {
        await RequireObjectAsync(request, bucket).ConfigureAwait(false);
        await AnswerAsync(request).ConfigureAwait(false);
    }

    public async Task PutOnObjectAsync(S3Request request, Bucket bucket)
    {
        await JudgeAsync(request).ConfigureAwait(false);
        await RequireObjectAsync(request, bucket).ConfigureAwait(false);
    }

    private Task AnswerAsync(S3Request request) => S3Xml.WriteAsync(request.Response, OwnersAcl.Write(identity.AccountId), request.Aborted);

    /// <summary>The ACL that is to be put, by header or as a document, must be the one that there is.</summary>
    private async ValueTask JudgeAsync(S3Request request)
    {
        var isInHeader = RequestedAcl.Judge(request.Headers);
        var document = S3Xml.Parse(await DocumentBody.ReadAsync(request, OwnersAcl.MaxDocumentSize, AclErrors.Malformed).ConfigureAwait(false));
        if (document is null && !isInHeader) throw new S3Exception(AclErrors.Missing);
        if (document is not null && !OwnersAcl.IsIn(document, identity.AccountId)) throw new S3Exception(AclErrors.NotSupported);
    }

    private async ValueTask RequireObjectAsync(S3Request request, Bucket bucket)
    {
        var found = await finder.FindAsync(request, bucket).ConfigureAwait(false);
        VersionHeaders.Write(request.Response, bucket, found.Object.Description);
    }
}
