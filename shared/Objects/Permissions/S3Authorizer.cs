using Serverless.Access;
using Serverless.Keys;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Permissions;

/// <summary>Lets a request through that the caller's policies and the bucket's allow, and refuses every other in S3's words.</summary>
public sealed class S3Authorizer(IKmsKeys keys, IUploadStore uploads, ObjectFinder finder, ServiceIdentity identity, TimeProvider time)
{
    private const string KeyArnPrefix = "arn:aws:kms:";

    /// <param name="operation">What the request is.</param>
    /// <param name="request">The request.</param>
    /// <param name="bucket">The bucket that it concerns; null where it concerns none, or one that is to be created.</param>
    /// <param name="created">What a bucket is to be created as.</param>
    /// <param name="found">The object that the request has come upon; null where it is not known yet.</param>
    /// <exception cref="S3Exception">AccessDenied; MethodNotAllowed for an anonymous request about a bucket's policy, whatever that allows (API_PutBucketPolicy.html).</exception>
    public async ValueTask AuthorizeAsync(S3Operation operation, S3Request request, Bucket? bucket, NewBucketConfiguration? created = null, ObjectDescription? found = null)
    {
        var aboutPolicy = operation is S3Operation.GetBucketPolicy or S3Operation.PutBucketPolicy or S3Operation.DeleteBucketPolicy;
        // So that no policy locks an account out of its own bucket (API_PutBucketPolicy.html).
        if (aboutPolicy && request.Caller.Principal.Type is PrincipalType.Root) return;

        var conditions = await FindConditionsAsync(operation, request, bucket, created, found).ConfigureAwait(false);
        foreach (var needed in OperationPermissions.Of(operation, request)) Require(needed, request.Caller, bucket, conditions);
        if (created is { Tags.Count: > 0 }) Require(OperationPermissions.ToCreateWithTags(request), request.Caller, bucket, conditions);
        if (aboutPolicy && request.Signed.IsAnonymous) throw new S3Exception(S3Errors.MethodNotAllowed(request.Http.Request.Method));
    }

    /// <summary>
    /// Judges a request again on the object that it has come upon, where policies ask for that one's tags: they may be others than those of the object that was there when the request was judged.
    /// </summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask ConfirmAsync(S3Operation operation, S3Request request, Bucket bucket, ObjectDescription found)
    {
        if (AsksForExistingTags(operation, request.Caller, bucket)) await AuthorizeAsync(operation, request, bucket, found: found).ConfigureAwait(false);
    }

    /// <summary>Whether the caller could do this, too, with the object that the request has come upon: what is told of it may depend on that.</summary>
    public async ValueTask<bool> AllowsAsync(S3Operation operation, S3Request request, Bucket bucket, ObjectDescription found)
    {
        var conditions = await FindConditionsAsync(operation, request, bucket, found: found).ConfigureAwait(false);
        return OperationPermissions.Of(operation, request).All(needed => BucketAccess.Judge(needed, request.Caller, bucket, conditions).IsAllowed);
    }

    /// <summary>Judges the deletion of one of several objects, as that of a DeleteObject.</summary>
    /// <param name="request">The request, with the object's key.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="ofVersion">Whether a version of the object is named.</param>
    /// <param name="ifMatch">The ETag that it must have, or null.</param>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask AuthorizeDeletionAsync(S3Request request, Bucket bucket, bool ofVersion, string? ifMatch)
    {
        var conditions = await FindConditionsAsync(S3Operation.DeleteObject, request, bucket).ConfigureAwait(false);
        foreach (var needed in OperationPermissions.ToDelete(bucket.ObjectArn(request.Key), ofVersion, ifMatch)) Require(needed, request.Caller, bucket, conditions);
    }

    /// <summary>Judges whether the caller may learn that the key of a read is missing.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask AuthorizeAbsenceAsync(S3Operation operation, S3Request request, Bucket bucket)
    {
        if (OperationPermissions.ToLearnThatAKeyIsMissing(operation, request) is not { } needed) return;
        Require(needed, request.Caller, bucket, await FindConditionsAsync(operation, request, bucket).ConfigureAwait(false));
    }

    private static void Require(NeededPermission needed, Caller caller, Bucket? bucket, IConditionKeys conditions)
    {
        var decision = BucketAccess.Judge(needed, caller, bucket, conditions);
        if (!decision.IsAllowed) throw new S3Exception(S3Errors.NotAuthorized(caller.Principal, needed, decision.Reason));
    }

    private async ValueTask<S3ConditionKeys> FindConditionsAsync(
        S3Operation operation, S3Request request, Bucket? bucket, NewBucketConfiguration? created = null, ObjectDescription? found = null)
    {
        var (namedKey, usedKey) = bucket is not null && S3ConditionKeys.Encrypts(operation)
            ? (await FindNamedKeyAsync(request, bucket).ConfigureAwait(false), await FindUsedKeyAsync(request, bucket).ConfigureAwait(false))
            : default;
        var upload = bucket is not null && S3ConditionKeys.Continues(operation) && S3ConditionKeys.OfUpload.Any(key => IsMentioned(key, request.Caller, bucket))
            ? await UploadRequest.TryFindAsync(uploads, request, bucket).ConfigureAwait(false) : null;
        if (upload is not null) (namedKey, usedKey) = (upload.NamesKey ? upload.Object.Description.KmsKeyArn : null, upload.Object.Description.KmsKeyArn);
        if (found is null && bucket is not null && AsksForExistingTags(operation, request.Caller, bucket))
            found = await TryFindAsync(request, bucket).ConfigureAwait(false);
        var (now, region) = (time.GetUtcNow(), bucket?.Region ?? created?.Region ?? identity.Region);
        var global = new GlobalConditionKeys(request.Caller, region, now, bucket is null ? null : identity.AccountId);
        return new(operation, request, bucket, now, global)
        {
            NamedKeyArn = namedKey,
            UsedKeyArn = usedKey,
            Upload = upload,
            Location = created?.Region,
            BucketTags = created?.Tags,
            ExistingTags = found?.Tags,
        };
    }

    /// <summary>
    /// The ARN of the key that the header names, by whatever name, if a policy asks (userguide/UsingKMSEncryption.html: the condition key's value is an ARN).
    /// What names no key stays as it is, and the write will fail.
    /// </summary>
    private async ValueTask<string?> FindNamedKeyAsync(S3Request request, Bucket bucket)
    {
        // An empty header names no key.
        if (request.Header(SseHeaders.KmsKeyId) is not { Length: > 0 } name || !IsMentioned(S3ConditionKeys.KmsKeyId, request.Caller, bucket)) return null;
        var isKeyArn = name.StartsWith(KeyArnPrefix, StringComparison.Ordinal) && name.Contains(":key/", StringComparison.Ordinal);
        return isKeyArn ? name : await keys.ResolveAsync(name, bucket.Region, request.Aborted).ConfigureAwait(false) ?? name;
    }

    /// <summary>The ARN of the key that the write will be under, if a policy asks. The managed key has none before its first use.</summary>
    private async ValueTask<string?> FindUsedKeyAsync(S3Request request, Bucket bucket) =>
        IsMentioned(S3ConditionKeys.EffectiveKeyArn, request.Caller, bucket)
        && EffectiveEncryption.TryOf(request.Headers, request.Caller.IsSecureTransport, bucket.DefaultEncryption) is { UsesKms: true } encryption
            ? await keys.ResolveAsync(encryption.KmsKeyId, bucket.Region, request.Aborted).ConfigureAwait(false) : null;

    /// <summary>The object that the request names; null where there is none, which the operation will tell whoever may know.</summary>
    private async ValueTask<ObjectDescription?> TryFindAsync(S3Request request, Bucket bucket)
    {
        try
        {
            return (await finder.FindAsync(request, bucket).ConfigureAwait(false)).Object.Description;
        }
        catch (S3Exception)
        {
            return null;
        }
    }

    /// <summary>Whether any policy asks for the tags of the object that there is, so that it must be looked at before the request can be judged.</summary>
    private static bool AsksForExistingTags(S3Operation operation, Caller caller, Bucket bucket) =>
        S3ConditionKeys.SeesExistingTags(operation) && IsMentioned(S3ConditionKeys.ExistingTag, caller, bucket);

    /// <summary>Whether any policy asks for a condition key that is dear to find.</summary>
    private static bool IsMentioned(string key, Caller caller, Bucket bucket) =>
        bucket.Policy?.Statements?.Mentions(key) is true || caller.Policies.Any(policy => policy.Mentions(key));
}
