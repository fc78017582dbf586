using System.Globalization;
using System.Text.Json;

namespace Serverless.Keys;

/// <summary>EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand and ListKeyRotations. They take a key id or key ARN, not an alias.</summary>
internal sealed class RotationOperations(IKmsKeyStore store, KeyChanges changes, KmsKeyring keyring, KmsSuccession succession, KmsServiceEvents events, TimeProvider time)
{
    private const int MinPeriod = 90;
    private const int MaxPeriod = 2560;
    private const int MaxOnDemandRotations = 10;
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const string AllKeyMaterial = "ALL_KEY_MATERIAL";

    // ConflictException in the API: a rotation by schedule is as good as begun.
    private static readonly TimeSpan ScheduleHorizon = TimeSpan.FromMinutes(20);

    private static readonly string[] Inclusions = [AllKeyMaterial, "ROTATIONS_ONLY"];

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html</summary>
    public async Task EnableKeyRotationAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        int days = request.Integer("RotationPeriodInDays", MinPeriod, MaxPeriod) ?? KmsKey.YearInDays;
        call.Parameters["rotationPeriodInDays"] = days;
        call.Condition("kms:RotationPeriodInDays", days.ToString(CultureInfo.InvariantCulture));
        await changes.ChangeAsync(
            request, call, key => key with { RotationPeriodInDays = days, NextRotation = time.GetUtcNow().AddDays(days) }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html</summary>
    public Task DisableKeyRotationAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken) =>
        changes.ChangeAsync(request, call, key => key with { RotationPeriodInDays = null, NextRotation = null }, cancellationToken);

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html; an on-demand rotation is never in progress here: it is done when its call is answered.</summary>
    public async Task GetKeyRotationStatusAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        KmsKey key = await FindAsync(request, call, cancellationToken).ConfigureAwait(false);
        bool enabled = key.RotationPeriodInDays is not null && key.State != KeyState.PendingDeletion;
        answer.WriteStartObject();
        answer.WriteString("KeyId"u8, key.Arn);
        answer.WriteBoolean("KeyRotationEnabled"u8, enabled);
        if (enabled)
        {
            answer.WriteTime("NextRotationDate", key.NextRotation!.Value);
            answer.WriteNumber("RotationPeriodInDays"u8, key.RotationPeriodInDays!.Value);
        }

        answer.WriteEndObject();
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html; the schedule goes on as it was. Each of several calls at once makes a version of its own.</summary>
    public async Task RotateKeyOnDemandAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        DateTimeOffset asked = time.GetUtcNow();
        KmsKey rotated = await changes.ChangeAsync(
            request,
            call,
            async key =>
            {
                if (key.OnDemandRotations >= MaxOnDemandRotations)
                {
                    throw new KmsException(KmsErrors.RotationLimit(key.Arn));
                }

                DateTimeOffset now = time.GetUtcNow();
                if (key.NextRotation - now <= ScheduleHorizon)
                {
                    throw new KmsException(KmsErrors.RotationConflict(key.Arn));
                }

                KmsKeyVersion next = await succession.NextAsync(key, cancellationToken).ConfigureAwait(false)
                    ?? throw new KmsException(KmsErrors.NothingToRotateTo(key.Arn));
                DateTimeOffset at = key.Origin == KeyOrigin.External ? asked : next.CreatedAt;
                await events.RecordRotationAsync(key, next, KeyRotationType.OnDemand, at, cancellationToken).ConfigureAwait(false);
                return KmsSuccession.Rotate(key with { OnDemandRotations = key.OnDemandRotations + 1 }, next, KeyRotationType.OnDemand, now);
            },
            cancellationToken).ConfigureAwait(false);
        answer.WriteKeyArn(rotated);
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html; the oldest first.</summary>
    public async Task ListKeyRotationsAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        bool all = request.Choice("IncludeKeyMaterial", Inclusions) == AllKeyMaterial;
        var page = PageRequest.Read(request, DefaultLimit, MaxLimit, marker => TryParseMarker(marker, out _));
        _ = TryParseMarker(page.Marker, out uint after);
        KmsKey key = await FindAsync(request, call, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<KmsKeyVersion> versions = await store.ListVersionsAsync(key.Region, key.Id, cancellationToken).ConfigureAwait(false);
        // What waits to become current is the customer's if it is imported; else it is the beginning of a rotation that was cut short.
        KmsKeyVersion[] found =
        [
            .. versions.Where(version => version.Version > after && (version.Rotation is not null || (all && (version.Version <= key.CurrentVersion || key.Origin == KeyOrigin.External))))
                .Take(page.Limit + 1),
        ];
        page.Write(
            answer, "Rotations", found, version => answer.WriteRotation(key, version, time.GetUtcNow()), version => version.Version.ToString(CultureInfo.InvariantCulture));
    }

    private static bool TryParseMarker(string? marker, out uint version) => uint.TryParse(marker, NumberStyles.None, CultureInfo.InvariantCulture, out version);

    private async Task<KmsKey> FindAsync(KmsRequest request, KmsCall call, CancellationToken cancellationToken)
    {
        call.Parameters["keyId"] = request.KeyId;
        KmsKey key = await keyring.FindExactlyAsync(call, request.KeyId, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        return key;
    }
}
