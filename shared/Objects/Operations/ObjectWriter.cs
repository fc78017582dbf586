using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>An object that is to be written as soon as its body has come.</summary>
/// <param name="Encryption">How <paramref name="Keys"/> were made, which <paramref name="Body"/> is sealed with.</param>
/// <param name="Headers">The headers that it will be answered with.</param>
public sealed record NewObject(Bucket Bucket, string Key, IncomingBody Body, EffectiveEncryption Encryption, SealingKeys Keys,
    SortedDictionary<string, string> Headers, SortedDictionary<string, string> UserMetadata, SortedDictionary<string, string>? Tags);

/// <summary>
/// Writes objects, for whoever receives or copies them. The body is sealed as it comes, and nothing becomes visible before everything in it has been verified.
/// An unconditional write of a small object is one storage call, the last writer winning as in S3; the object's present state is read,
/// while the body arrives, only where the client's conditions, the replaced data's reclamation or the bucket's versioning need it.
/// </summary>
public sealed class ObjectWriter(IObjectStore objects, ObjectReplacement replacement, LargeBody largeBody, TimeProvider time)
{
    /// <summary>How often a lost race is run again before the client is asked to.</summary>
    private const int MaxAttempts = 32;

    /// <returns>The object that is there now, durably.</returns>
    /// <exception cref="S3Exception">A condition does not hold, a digest is not the body's, or another write was faster.</exception>
    /// <exception cref="Serverless.Audit.AuditUnavailableException">The use of the keys is not on the audit trail, and the object is not there.</exception>
    public async ValueTask<ObjectDescription> WriteAsync(NewObject incoming, Preconditions conditions, CancellationToken cancellationToken)
    {
        var (place, key) = (incoming.Bucket.At(incoming.Key), incoming.Key);
        var isLarge = incoming.Body.MostLength > DataWriter.MaxInMemory;
        var existing = isLarge || conditions.ConditionsWrite || incoming.Bucket.HasVersions ? objects.FindAsync(place, cancellationToken).AsTask() : null;
        try
        {
            if (isLarge && conditions.JudgeWrite((await existing!.ConfigureAwait(false))?.Description.ETag, key) is { } failed)
                throw new S3Exception(failed);

            using var received = isLarge
                ? await largeBody.ReceiveAsync(incoming.Body, incoming.Bucket, key, cancellationToken).ConfigureAwait(false)
                : await SealInMemoryAsync(incoming.Body, cancellationToken).ConfigureAwait(false);
            var description = Describe(incoming, received);
            // The record was on its way while the body came. Without it nothing becomes visible; data that are staged belong to nobody.
            await incoming.Keys.Recorded.ConfigureAwait(false);
            if (existing is not null)
                description = await ReplaceAsync(incoming, conditions, existing, description, received, cancellationToken).ConfigureAwait(false);
            else if (!await objects.WriteAsync(
                place, description, incoming.Keys.Wrapped, received.Body.Streams, received.Content, ExpectedState.Any, cancellationToken).ConfigureAwait(false))
                throw new S3Exception(S3Errors.ConditionalRequestConflict);
            return description;
        }
        finally
        {
            // An error above must leave no other failure unobserved.
            if (existing is not null) await ((Task)existing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await incoming.Keys.Recorded.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async ValueTask<ReceivedBody> SealInMemoryAsync(IncomingBody body, CancellationToken cancellationToken)
    {
        var content = new SegmentedBuffer(body.MostSealedLength);
        try
        {
            return new(content, await body.SealAsync(content, cancellationToken).ConfigureAwait(false), DataBlob: null);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private ObjectDescription Describe(NewObject incoming, ReceivedBody received)
    {
        var mode = incoming.Encryption.Mode;
        return new()
        {
            Id = incoming.Body.ObjectId,
            Mode = mode,
            Length = received.Body.Length,
            ETag = received.Body.ETagIn(mode),
            LastModified = time.GetUtcNow(),
            Headers = incoming.Headers,
            UserMetadata = incoming.UserMetadata,
            Tags = incoming.Tags,
            Checksum = received.Body.Checksum,
            KmsKeyArn = incoming.Keys.KmsKeyArn,
            BucketKey = incoming.Encryption.BucketKey,
            EncryptionContext = ObjectDescription.ContextOf(incoming.Encryption),
            DataBlob = received.DataBlob,
        };
    }

    /// <summary>
    /// Writes on the condition that the object is as it was read. A lost race is run again on the new state, unless the client's own conditions
    /// were judged on the old one: then it is told, as S3 tells it.
    /// </summary>
    private async Task<ObjectDescription> ReplaceAsync(NewObject incoming, Preconditions conditions, Task<StoredObject?> existing,
        ObjectDescription description, ReceivedBody received, CancellationToken cancellationToken)
    {
        var (place, key) = (incoming.Bucket.At(incoming.Key), incoming.Key);
        var prepared = new PreparedObject(description, incoming.Keys.Wrapped, received.Body.Streams, received.Content);
        var seen = await existing.ConfigureAwait(false);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (conditions.JudgeWrite(seen?.Description.ETag, key) is { } failed) throw new S3Exception(failed);
                if (await replacement.TryAsync(place, prepared, seen, cancellationToken).ConfigureAwait(false) is { } written) return written;
                if (conditions.ConditionsWrite) throw new S3Exception(S3Errors.ConditionalRequestConflict);
                if (attempt == MaxAttempts) throw new S3Exception(S3Errors.SlowDown);
                seen = await objects.FindAsync(place, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (S3Exception) when (received.DataBlob is not null)
        {
            await largeBody.DiscardAsync(description).ConfigureAwait(false);
            throw;
        }
    }
}
