using Microsoft.Extensions.Logging;
using Serverless.Keys;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Rotation;

/// <summary>
/// Brings the data keys of an object under the current versions of their wrapping keys. Only metadata are written: no data move, ETag and Last-Modified stay. Each write names the state
/// that it read, so that a concurrent PUT or DELETE wins and the object is simply looked at again.
/// </summary>
public sealed class ObjectRewrap(DataKeyring keyring, ILogger<ObjectRewrap> logger)
{
    private const int MaxAttempts = 5;

    /// <param name="entry">What is to be wrapped anew.</param>
    /// <param name="refused">KMS keys that cannot be used in this run: each is tried, and its refusal on the audit trail, once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<RewrapOutcome> RunAsync(RewrapEntry entry, HashSet<string> refused, CancellationToken cancellationToken)
    {
        if (entry.Object is not { } seen) return new(ObjectReferences.Unreadable, IsFailed: true);
        // Of an SSE-C object, only a manifest's key can be wrapped anew.
        var outcome = new RewrapOutcome(ObjectReferences.None, IsCustomerKey: seen.Description.Mode is EncryptionMode.Customer);
        var arn = seen.Description.KmsKeyArn;
        try
        {
            if (arn is not null && refused.Contains(arn)) return Left() with { IsFailed = true };
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                if (await keyring.RewrapAsync(seen, entry.Bucket, entry.Key, cancellationToken).ConfigureAwait(false) is not { } keys) return Left();
                if (await entry.Write(seen, keys).ConfigureAwait(false)) return outcome with { Left = ObjectReferences.Of(seen with { Keys = keys }), IsRewrapped = true };
                if (await entry.Find().ConfigureAwait(false) is not { } changed) return outcome;
                seen = changed;
            }
            // Whoever keeps writing this object writes it under the current version.
            return Left();
        }
        catch (BucketGoneException)
        {
            return outcome;
        }
        catch (Exception e) when (e is KmsException or DataKeyException or RetiredVersionException or DamagedObjectException)
        {
            logger.LogWarning("The keys of object {Key} ({Id}) in bucket {Bucket} were not re-wrapped: {Reason}",
                entry.Key, Convert.ToHexStringLower(seen.Description.Id), entry.Bucket.Name, e.Message);
            if (e is KmsException && arn is not null) refused.Add(arn);
            return Left() with { IsFailed = true };
        }

        RewrapOutcome Left() => outcome with { Left = ObjectReferences.Of(seen) };
    }
}
