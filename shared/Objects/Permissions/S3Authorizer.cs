using Serverless.Access;
using Serverless.Keys;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Permissions;

/// <summary>Lets a request through that the caller's policies and the bucket's allow, and refuses every other in S3's words.</summary>
public sealed class S3Authorizer(IKmsKeys keys, IUploadStore uploads, ServiceIdentity identity, TimeProvider time)
{
    private const string KeyArnPrefix = "arn:aws:kms:";

    /// <param name="operation">What the request is.</param>
    /// <param name="request">The request.</param>
    /// <param name="bucket">The bucket that it concerns; null where it concerns none, or one that is to be created.</param>
    /// <param name="location">The Region that a bucket is to be created in.</param>
    /// <exception cref="S3Exception">AccessDenied; MethodNotAllowed for an anonymous request about a bucket's policy, whatever that allows (API_PutBucketPolicy.html).</exception>
    public async ValueTask AuthorizeAsync(S3Operation operation, S3Request request, Bucket? bucket, string? location = null)
    {
        var aboutPolicy = operation is S3Operation.GetBucketPolicy or S3Operation.PutBucketPolicy or S3Operation.DeleteBucketPolicy;
        // So that no policy locks an account out of its own bucket (API_PutBucketPolicy.html).
        if (aboutPolicy && request.Caller.Principal.Type is PrincipalType.Root) return;

        var conditions = await FindConditionsAsync(operation, request, bucket, location).ConfigureAwait(false);
        foreach (var needed in OperationPermissions.Of(operation, request)) Require(needed, request.Caller, bucket, conditions);
        if (aboutPolicy && request.Signed.IsAnonymous) throw new S3Exception(S3Errors.MethodNotAllowed(request.Http.Request.Method));
    }

    /// <summary>Judges the deletion of one of several objects, as that of a DeleteObject.</summary>
    /// <param name="request">The request, with the object's key.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="ofVersion">Whether a version of the object is named.</param>
    /// <param name="ifMatch">The ETag that it must have, or null.</param>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask AuthorizeDeletionAsync(S3Request request, Bucket bucket, bool ofVersion, string? ifMatch)
    {
        var conditions = await FindConditionsAsync(S3Operation.DeleteObject, request, bucket, location: null).ConfigureAwait(false);
        foreach (var needed in OperationPermissions.ToDelete(bucket.ObjectArn(request.Key), ofVersion, ifMatch)) Require(needed, request.Caller, bucket, conditions);
    }

    /// <summary>Judges whether the caller may learn that the key of a read is missing.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask AuthorizeAbsenceAsync(S3Operation operation, S3Request request, Bucket bucket)
    {
        if (OperationPermissions.ToLearnThatAKeyIsMissing(operation, request) is not { } needed) return;
        Require(needed, request.Caller, bucket, await FindConditionsAsync(operation, request, bucket, location: null).ConfigureAwait(false));
    }

    private static void Require(NeededPermission needed, Caller caller, Bucket? bucket, IConditionKeys conditions)
    {
        var decision = BucketAccess.Judge(needed, caller, bucket, conditions);
        if (!decision.IsAllowed) throw new S3Exception(S3Errors.NotAuthorized(caller.Principal, needed, decision.Reason));
    }

    private async ValueTask<S3ConditionKeys> FindConditionsAsync(S3Operation operation, S3Request request, Bucket? bucket, string? location)
    {
        var (namedKey, usedKey) = bucket is not null && S3ConditionKeys.Encrypts(operation)
            ? (await FindNamedKeyAsync(request, bucket).ConfigureAwait(false), await FindUsedKeyAsync(request, bucket).ConfigureAwait(false))
            : default;
        var upload = bucket is not null && S3ConditionKeys.Continues(operation) && S3ConditionKeys.OfEncryption.Any(key => IsMentioned(key, request.Caller, bucket))
            ? await UploadRequest.TryFindAsync(uploads, request, bucket).ConfigureAwait(false) : null;
        if (upload is not null) (namedKey, usedKey) = (upload.NamesKey ? upload.Object.Description.KmsKeyArn : null, upload.Object.Description.KmsKeyArn);
        var (now, region) = (time.GetUtcNow(), bucket?.Region ?? location ?? identity.Region);
        var global = new GlobalConditionKeys(request.Caller, region, now, bucket is null ? null : identity.AccountId);
        return new(operation, request, bucket, now, global)
        {
            NamedKeyArn = namedKey,
            UsedKeyArn = usedKey,
            Upload = upload,
            Location = location,
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

    /// <summary>Whether any policy asks for a condition key that is dear to find.</summary>
    private static bool IsMentioned(string key, Caller caller, Bucket bucket) =>
        bucket.Policy?.Statements?.Mentions(key) is true || caller.Policies.Any(policy => policy.Mentions(key));
}
