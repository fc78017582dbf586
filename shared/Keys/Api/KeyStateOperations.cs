using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Keys;

/// <summary>EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion and RotateKeyOnDemand. They take a key id or key ARN, not an alias.</summary>
internal sealed class KeyStateOperations(IKmsKeyStore store, KmsKeyring keyring, KmsBackingKeys backing, KmsTrail trail, TimeProvider time)
{
    private const int MinDeletionDays = 7;
    private const int MaxDeletionDays = 30;
    private const int MaxOnDemandRotations = 10;

    // Each lost race means that another change has won: losing this many in a row is no race any more.
    private const int Attempts = 20;

    /// <summary>A key as it is to be, and its new version if it gets one.</summary>
    private readonly record struct Change(KmsKey Key, KmsVersionChange? Versions = null);

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html</summary>
    public Task EnableKeyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken) =>
        ChangeStateAsync(request, call, key => key with { State = KeyState.Enabled }, cancellationToken);

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html</summary>
    public Task DisableKeyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken) =>
        ChangeStateAsync(request, call, key => key with { State = KeyState.Disabled }, cancellationToken);

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html</summary>
    public async Task ScheduleKeyDeletionAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        int days = request.Integer("PendingWindowInDays", MinDeletionDays, MaxDeletionDays) ?? MaxDeletionDays;
        DateTimeOffset deletion = time.GetUtcNow().AddDays(days);
        call.Parameters["pendingWindowInDays"] = days;
        call.Response = new JsonObject { ["keyState"] = nameof(KeyState.PendingDeletion), ["deletionDate"] = deletion.ToString("O") };
        KmsKey key = await ChangeStateAsync(
            request, call, key => key with { State = KeyState.PendingDeletion, DeletionDate = deletion }, cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        answer.WriteTime("DeletionDate", deletion);
        answer.WriteString("KeyId"u8, key.Arn);
        answer.WriteString("KeyState"u8, key.State.ToString());
        answer.WriteNumber("PendingWindowInDays"u8, days);
        answer.WriteEndObject();
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html</summary>
    public async Task CancelKeyDeletionAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken) =>
        answer.WriteKeyArn(await ChangeStateAsync(
            request, call, key => key with { State = KeyState.Disabled, DeletionDate = null }, cancellationToken).ConfigureAwait(false));

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html</summary>
    public async Task RotateKeyOnDemandAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string materialId = KmsBackingKeys.NewMaterialId();
        KmsKey rotated = await ChangeAsync(request, call, RotateAsync, cancellationToken).ConfigureAwait(false);
        await trail.RecordRotationAsync(rotated, materialId, call.Use, cancellationToken).ConfigureAwait(false);
        answer.WriteKeyArn(rotated);

        async Task<Change> RotateAsync(KmsKey key)
        {
            if (key.OnDemandRotations >= MaxOnDemandRotations)
            {
                throw new KmsException(KmsErrors.RotationLimit(key.Arn));
            }

            uint next = checked(key.CurrentVersion + 1);
            KmsKeyVersion added = await backing.CreateAsync(key, next, materialId, cancellationToken).ConfigureAwait(false);
            return new(key with { CurrentVersion = next, CurrentMaterialId = materialId, OnDemandRotations = key.OnDemandRotations + 1 }, new([added]));
        }
    }

    private Task<KmsKey> ChangeStateAsync(KmsRequest request, KmsCall call, Func<KmsKey, KmsKey> change, CancellationToken cancellationToken) =>
        ChangeAsync(request, call, key => Task.FromResult(new Change(change(key))), cancellationToken);

    // Judged by what the store says now, not by the cache; recorded once, before the change can take effect; done again when another change came between.
    private async Task<KmsKey> ChangeAsync(KmsRequest request, KmsCall call, Func<KmsKey, Task<Change>> change, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        call.Parameters["keyId"] = keyId;
        KmsKey named = await keyring.FindExactlyAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            KmsKey key = await store.ReadKeyAsync(named.Region, named.Id, cancellationToken).ConfigureAwait(false)
                ?? throw new KmsException(KmsErrors.KeyNotFound(named.Arn));
            call.Key = key;
            await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
            Change wanted = await change(key).ConfigureAwait(false);
            if (attempt == 0)
            {
                await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
            }

            bool done = await store.TryReplaceKeyAsync(wanted.Key, wanted.Versions, cancellationToken).ConfigureAwait(false);
            keyring.Forget(key);
            if (done)
            {
                return wanted.Key;
            }
        }

        throw new KmsException(KmsErrors.Internal);
    }
}
