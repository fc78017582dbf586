using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>
/// UpdateObjectEncryption (https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html): the data key is wrapped in another way, and nothing else changes:
/// no data move, ETag, Last-Modified and checksums stay. Beyond AWS, SSE-C objects can be updated, with their key in the request, and SSE-S3 is a choice.
/// </summary>
public sealed class UpdateObjectEncryption(ObjectFinder finder, DataKeyring keyring, S3Authorizer authorizer, ServiceIdentity identity)
{
    private const int MaxSize = 16 * 1024;

    /// <summary>How often an update is begun anew because its object was changed under it, before the client is asked to.</summary>
    private const int MaxAttempts = 8;

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        using var customerKey = CustomerKey.ReadForReading(request.Headers, request.Caller.IsSecureTransport);
        var body = await DocumentBody.ReadAsync(request, MaxSize, S3Errors.MalformedXml).ConfigureAwait(false);
        var requested = RequestedReencryption.Read(S3Xml.Parse(body), identity.AccountId);
        requested.WriteTo(request.Headers);
        await authorizer.AuthorizeAsync(S3Operation.UpdateObjectEncryption, request, bucket).ConfigureAwait(false);
        if (request.Signed.IsAnonymous) throw new S3Exception(ReencryptionErrors.NoSignature);

        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var found = await finder.FindAsync(request, bucket).ConfigureAwait(false);
            var stored = found.Object;
            await authorizer.ConfirmAsync(S3Operation.UpdateObjectEncryption, request, bucket, stored.Description).ConfigureAwait(false);
            var updated = await ReencryptAsync(request, bucket, stored, requested.Of(stored.Description), customerKey).ConfigureAwait(false);
            if (await finder.UpdateAsync(found, updated.Description, updated.Keys, request.Aborted).ConfigureAwait(false)) return;
        }
        throw new S3Exception(S3Errors.OperationAborted);
    }

    private async ValueTask<(ObjectDescription Description, ObjectKeys Keys)> ReencryptAsync(
        S3Request request, Bucket bucket, StoredObject stored, EffectiveEncryption encryption, CustomerKey? customerKey)
    {
        // Its data are sealed twice: they would have to be moved.
        if (stored.Description.Mode is EncryptionMode.DoubleKms) throw new S3Exception(ReencryptionErrors.UnsupportedSource);
        using var open = await keyring.OpenAsync(stored, customerKey, bucket, request.Key, request.Caller, request.Aborted).ConfigureAwait(false);
        var (keys, kmsKeyArn) = await keyring.WrapAsync(open.Inner, encryption, bucket, request.Key, request.Caller, request.Aborted).ConfigureAwait(false);
        var description = stored.Description with
        {
            Mode = encryption.Mode,
            KmsKeyArn = kmsKeyArn,
            BucketKey = encryption.BucketKey,
            EncryptionContext = ObjectDescription.ContextOf(encryption),
        };
        // A manifest that is under a key of its own stays so.
        return (description, keys with { ManifestKey = stored.Keys.ManifestKey });
    }
}
