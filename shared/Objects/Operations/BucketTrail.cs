using Serverless.Access;
using Serverless.Audit;
using Serverless.Objects.Api;

namespace Serverless.Objects.Operations;

/// <summary>
/// Puts the changes of buckets on the audit trail, and their refusals: the management events of S3 that CloudTrail records
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html), as far as they are about who may do what.
/// </summary>
public sealed class BucketTrail(IAuditTrail trail, TimeProvider time)
{
    private const string EventSource = "s3.amazonaws.com";
    private const string BucketType = "AWS::S3::Bucket";

    /// <summary>What CloudTrail calls an operation; null for one that is not recorded here.</summary>
    public static string? EventName(S3Operation operation) => operation switch
    {
        S3Operation.CreateBucket => "CreateBucket",
        S3Operation.DeleteBucket => "DeleteBucket",
        S3Operation.PutBucketPolicy => "PutBucketPolicy",
        S3Operation.DeleteBucketPolicy => "DeleteBucketPolicy",
        S3Operation.PutPublicAccessBlock => "PutBucketPublicAccessBlock",
        S3Operation.DeletePublicAccessBlock => "DeleteBucketPublicAccessBlock",
        S3Operation.PutBucketVersioning => "PutBucketVersioning",
        S3Operation.PutBucketEncryption => "PutBucketEncryption",
        S3Operation.DeleteBucketEncryption => "DeleteBucketEncryption",
        S3Operation.PutBucketCors => "PutBucketCors",
        S3Operation.DeleteBucketCors => "DeleteBucketCors",
        S3Operation.PutBucketTagging => "PutBucketTagging",
        S3Operation.DeleteBucketTagging => "DeleteBucketTagging",
        S3Operation.PutBucketAcl => "PutBucketAcl",
        S3Operation.PutBucketOwnershipControls => "PutBucketOwnershipControls",
        S3Operation.DeleteBucketOwnershipControls => "DeleteBucketOwnershipControls",
        _ => null,
    };

    /// <summary>Records a change that will be made, once however often it is tried. When this returns, it may be made.</summary>
    /// <exception cref="AuditUnavailableException">It may not.</exception>
    public async ValueTask RecordAsync(BucketChange change)
    {
        if (change.IsRecorded) return;
        await trail.RecordAsync(EventOf(change), change.Request.Aborted).ConfigureAwait(false);
        change.IsRecorded = true;
    }

    /// <summary>
    /// Records a change that is refused, perhaps after it was recorded as one that will be made (a lost race). Anonymous callers' refusals are not recorded:
    /// there is nobody to name, and anybody could fill the trail.
    /// </summary>
    public async ValueTask RecordRefusalAsync(BucketChange change, S3Error error)
    {
        if (change.Request.Caller.Principal.Type is PrincipalType.Anonymous) return;
        await trail.RecordAsync(EventOf(change) with { ErrorCode = error.Code, ErrorMessage = error.Message }, change.Request.Aborted).ConfigureAwait(false);
    }

    private AuditEvent EventOf(BucketChange change) => new()
    {
        EventTime = time.GetUtcNow(),
        EventSource = EventSource,
        EventName = EventName(change.Operation) ?? throw new ArgumentException($"{change.Operation} is not recorded.", nameof(change)),
        Region = change.Region,
        Caller = change.Request.Caller,
        RequestParameters = change.Parameters,
        Resources = [new(BucketType, $"arn:aws:s3:::{change.Request.BucketName}")],
    };
}
