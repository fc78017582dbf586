using System.Text.Json.Nodes;
using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Keys;

/// <summary>
/// What happens to keys by itself, on the audit trail as CloudTrail tells it (https://docs.aws.amazon.com/kms/latest/developerguide/ct-rotatekey.html,
/// …/ct-delete-key.html, …/ct-deleteexpiredkeymaterial.html). Everything in an event comes from the key's and the version's rows, so that instances and runs that
/// report the same thing report the same event.
/// </summary>
internal sealed class KmsServiceEvents(IAuditTrail trail, TimeProvider time)
{
    /// <summary>Records that a key gets new material.</summary>
    /// <param name="before">The key as it was.</param>
    /// <param name="next">What becomes its current version.</param>
    /// <param name="type">Why.</param>
    /// <param name="at">When: the time when the version was made, or of imported material when its rotation was asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask RecordRotationAsync(KmsKey before, KmsKeyVersion next, KeyRotationType type, DateTimeOffset at, CancellationToken cancellationToken) =>
        trail.RecordAsync(
            EventOf(before, "RotateKey", $"{next.MaterialId} {type} {at:O}", at) with
            {
                ServiceEventDetails = new JsonObject
                {
                    ["rotationType"] = type.Name(),
                    ["keyOrigin"] = before.Origin.Name(),
                    ["previousKeyMaterialId"] = before.CurrentMaterialId,
                    ["currentKeyMaterialId"] = next.MaterialId,
                },
            },
            cancellationToken);

    /// <summary>Records that a key is deleted: at the date that was announced, whenever the schedule comes to it.</summary>
    public ValueTask RecordDeletionAsync(KmsKey key, CancellationToken cancellationToken) => trail.RecordAsync(DeletionOf(key), cancellationToken);

    /// <summary>Records that a key was not deleted after all: it was rescued after its deletion was recorded and before it was done.</summary>
    public ValueTask RecordRescueAsync(KmsKey key, CancellationToken cancellationToken)
    {
        KmsError error = KmsErrors.NotPendingDeletion(key.Arn);
        return trail.RecordAsync(
            DeletionOf(key) with { EventId = Guid.NewGuid(), EventTime = time.GetUtcNow(), ResponseElements = null, ErrorCode = error.Code, ErrorMessage = error.Message },
            cancellationToken);
    }

    /// <summary>Records that a key is not deleted when its waiting period is over, since objects may need it: one event for a day.</summary>
    /// <param name="key">The key.</param>
    /// <param name="why">What keeps it.</param>
    /// <param name="pass">The latest complete pass over the objects, or null.</param>
    /// <param name="now">The time, of which the day counts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask RecordKeptAsync(KmsKey key, KmsError why, ReferencePass? pass, DateTimeOffset now, CancellationToken cancellationToken)
    {
        DateTimeOffset due = key.DeletionDate!.Value;
        DateTimeOffset at = due.AddDays(Math.Floor((now - due).TotalDays));
        return trail.RecordAsync(
            EventOf(key, "DeleteKey", $"kept {at:O}", at) with
            {
                ErrorCode = why.Code,
                ErrorMessage = why.Message,
                ServiceEventDetails = new JsonObject { ["passId"] = pass?.Id.ToString(), ["passStartedAt"] = pass?.StartedAt.ToString("O") },
            },
            cancellationToken);
    }

    /// <summary>Records that imported material is deleted because it has expired: when it expired, which is when it was last of use.</summary>
    public ValueTask RecordExpiryAsync(KmsKey key, KmsKeyVersion expired, CancellationToken cancellationToken)
    {
        DateTimeOffset at = expired.ValidTo!.Value;
        return trail.RecordAsync(
            EventOf(key, "DeleteExpiredKeyMaterial", $"{expired.MaterialId} {at:O}", at) with
            {
                ServiceEventDetails = new JsonObject { ["keyId"] = key.Id, ["keyMaterialId"] = expired.MaterialId },
            },
            cancellationToken);
    }

    private static AuditEvent DeletionOf(KmsKey key)
    {
        DateTimeOffset at = key.DeletionDate!.Value;
        return EventOf(key, "DeleteKey", $"{at:O}", at) with { ResponseElements = new JsonObject { ["keyId"] = key.Arn } };
    }

    private static AuditEvent EventOf(KmsKey key, string name, string what, DateTimeOffset at)
    {
        Guid id = AuditEvent.IdOf($"{name} {key.Arn} {what}");
        return new()
        {
            EventId = id,
            EventTime = at,
            EventSource = "kms.amazonaws.com",
            EventName = name,
            EventType = "AwsServiceEvent",
            Region = key.Region,
            Caller = Caller.Service(key.AccountId, id.ToString()),
            Resources = [new("AWS::KMS::Key", key.Arn)],
        };
    }
}
