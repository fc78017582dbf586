using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Keys;

/// <summary>EnableKey, DisableKey, ScheduleKeyDeletion and CancelKeyDeletion. They take a key id or key ARN, not an alias.</summary>
internal sealed class KeyStateOperations(KeyChanges changes, DependentObjects dependents, TimeProvider time)
{
    /// <summary>The shortest waiting period, in days.</summary>
    public const int MinDeletionDays = 7;

    private const int MaxDeletionDays = 30;

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html</summary>
    public Task EnableKeyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken) =>
        changes.ChangeAsync(request, call, key => key with { State = KeyState.Enabled }, cancellationToken);

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html</summary>
    public Task DisableKeyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken) =>
        changes.ChangeAsync(request, call, key => key with { State = KeyState.Disabled }, cancellationToken);

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html</summary>
    public async Task ScheduleKeyDeletionAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        int days = request.Integer("PendingWindowInDays", MinDeletionDays, MaxDeletionDays) ?? MaxDeletionDays;
        DateTimeOffset deletion = time.GetUtcNow().AddDays(days);
        call.Parameters["pendingWindowInDays"] = days;
        call.Condition("kms:ScheduleKeyDeletionPendingWindowInDays", days.ToString(CultureInfo.InvariantCulture));
        call.Response = new JsonObject
        {
            ["keyState"] = nameof(KeyState.PendingDeletion),
            ["deletionDate"] = deletion.ToString("O"),
            ["pendingWindowInDays"] = days,
        };
        (KmsKey key, JsonObject needed) = await ChangeAsync(
            request, call, key => key with { State = KeyState.PendingDeletion, DeletionDate = deletion }, cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        answer.WriteTime("DeletionDate", deletion);
        DependentObjects.Write(answer, needed);
        answer.WriteString("KeyId"u8, key.Arn);
        answer.WriteString("KeyState"u8, key.State.ToString());
        answer.WriteNumber("PendingWindowInDays"u8, days);
        answer.WriteEndObject();
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html</summary>
    public async Task CancelKeyDeletionAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        (KmsKey key, JsonObject needed) = await ChangeAsync(
            request, call, key => key with { State = KeyState.Disabled, DeletionDate = null }, cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        DependentObjects.Write(answer, needed);
        answer.WriteString("KeyId"u8, key.Arn);
        answer.WriteEndObject();
    }

    /// <summary>Changes the key, and says in the record, as the answer will, which objects need it.</summary>
    private async Task<(KmsKey Key, JsonObject Needed)> ChangeAsync(KmsRequest request, KmsCall call, Func<KmsKey, KmsKey> change, CancellationToken cancellationToken)
    {
        JsonObject? needed = null;
        KmsKey changed = await changes.ChangeAsync(
            request, call,
            async key =>
            {
                DependentObjects.Record(call, needed ??= await dependents.FindAsync(key, cancellationToken).ConfigureAwait(false));
                return new KeyChange(change(key));
            },
            cancellationToken).ConfigureAwait(false);
        return (changed, needed!);
    }
}
