using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Keys;

/// <summary>The KMS API: AWS JSON 1.1, <c>POST /</c> with <c>X-Amz-Target: TrentService.OPERATION</c>. The Region is the one that the request is signed for.</summary>
public sealed class KmsEndpoint
{
    /// <summary>The prefix of <c>X-Amz-Target</c> in the API's requests.</summary>
    public const string TargetPrefix = "TrentService.";

    private const string TargetHeader = "X-Amz-Target";
    private const string Service = "kms";

    // The largest request has a key policy of 32 KiB, whose every character may be an escape of six; an Encrypt is 6 KiB.
    private const int MaxBodySize = 224 * 1024;

    // Holds every answer with a secret, so that clearing it leaves no copy behind; lists may outgrow it.
    private const int AnswerSize = 16 * 1024;

    private readonly FrozenDictionary<string, (KmsOperation Operation, Handler Handler)> _operations;
    private readonly KmsTrail _trail;
    private readonly ILogger<KmsEndpoint> _logger;

    internal KmsEndpoint(
        KeyOperations keys, KeyStateOperations states, RotationOperations rotations, ImportOperations imports, TagOperations tags, AliasOperations aliases,
        PolicyOperations policies, GrantOperations grants, GrantListOperations grantLists, DataKeyOperations dataKeys, DataOperations data, MacOperations macs,
        KmsTrail trail, ILogger<KmsEndpoint> logger)
    {
        _trail = trail;
        _logger = logger;
        _operations = new Dictionary<KmsOperation, Handler>
        {
            [KmsOperation.CreateKey] = keys.CreateKeyAsync,
            [KmsOperation.DescribeKey] = keys.DescribeKeyAsync,
            [KmsOperation.ListKeys] = keys.ListKeysAsync,
            [KmsOperation.UpdateKeyDescription] = keys.UpdateKeyDescriptionAsync,
            [KmsOperation.EnableKey] = states.EnableKeyAsync,
            [KmsOperation.DisableKey] = states.DisableKeyAsync,
            [KmsOperation.ScheduleKeyDeletion] = states.ScheduleKeyDeletionAsync,
            [KmsOperation.CancelKeyDeletion] = states.CancelKeyDeletionAsync,
            [KmsOperation.EnableKeyRotation] = rotations.EnableKeyRotationAsync,
            [KmsOperation.DisableKeyRotation] = rotations.DisableKeyRotationAsync,
            [KmsOperation.GetKeyRotationStatus] = rotations.GetKeyRotationStatusAsync,
            [KmsOperation.RotateKeyOnDemand] = rotations.RotateKeyOnDemandAsync,
            [KmsOperation.ListKeyRotations] = rotations.ListKeyRotationsAsync,
            [KmsOperation.GetParametersForImport] = imports.GetParametersForImportAsync,
            [KmsOperation.ImportKeyMaterial] = imports.ImportKeyMaterialAsync,
            [KmsOperation.DeleteImportedKeyMaterial] = imports.DeleteImportedKeyMaterialAsync,
            [KmsOperation.TagResource] = tags.TagResourceAsync,
            [KmsOperation.UntagResource] = tags.UntagResourceAsync,
            [KmsOperation.ListResourceTags] = tags.ListResourceTagsAsync,
            [KmsOperation.GenerateDataKey] = dataKeys.GenerateDataKeyAsync,
            [KmsOperation.GenerateDataKeyWithoutPlaintext] = dataKeys.GenerateDataKeyWithoutPlaintextAsync,
            [KmsOperation.GenerateRandom] = dataKeys.GenerateRandomAsync,
            [KmsOperation.Encrypt] = data.EncryptAsync,
            [KmsOperation.Decrypt] = data.DecryptAsync,
            [KmsOperation.ReEncrypt] = data.ReEncryptAsync,
            [KmsOperation.GenerateMac] = macs.GenerateMacAsync,
            [KmsOperation.VerifyMac] = macs.VerifyMacAsync,
            [KmsOperation.CreateAlias] = aliases.CreateAliasAsync,
            [KmsOperation.UpdateAlias] = aliases.UpdateAliasAsync,
            [KmsOperation.DeleteAlias] = aliases.DeleteAliasAsync,
            [KmsOperation.ListAliases] = aliases.ListAliasesAsync,
            [KmsOperation.PutKeyPolicy] = policies.PutKeyPolicyAsync,
            [KmsOperation.GetKeyPolicy] = policies.GetKeyPolicyAsync,
            [KmsOperation.ListKeyPolicies] = policies.ListKeyPoliciesAsync,
            [KmsOperation.CreateGrant] = grants.CreateGrantAsync,
            [KmsOperation.RevokeGrant] = grants.RevokeGrantAsync,
            [KmsOperation.RetireGrant] = grants.RetireGrantAsync,
            [KmsOperation.ListGrants] = grantLists.ListGrantsAsync,
            [KmsOperation.ListRetirableGrants] = grantLists.ListRetirableGrantsAsync,
        }.ToFrozenDictionary(pair => TargetPrefix + pair.Key, pair => (pair.Key, pair.Value), StringComparer.Ordinal);
    }

    /// <summary>Decides a call, records it, and only then writes its answer.</summary>
    private delegate Task Handler(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken);

    /// <summary>Whether an operation, by its name, changes no key; false for what is none.</summary>
    public static bool IsReadOnly(string operation) => Enum.TryParse(operation, out KmsOperation known) && KmsTrail.IsReadOnly(known);

    /// <summary>Answers one request whose signature is verified. Whatever happens but the client's going, the answer is one of the API's.</summary>
    public async Task HandleAsync(HttpContext context, SignedRequest request, CancellationToken cancellationToken)
    {
        RequestTelemetry.Current?.Api = "kms";
        var answer = new ArrayBufferWriter<byte>(AnswerSize);
        byte[] body = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(context.Request.ContentLength ?? MaxBodySize, 1, MaxBodySize));
        try
        {
            KmsError? error = await AnswerAsync(context, request, body, answer, cancellationToken).ConfigureAwait(false);
            if (error is not null)
            {
                RequestTelemetry.Current?.Error = error.Code;
                answer.ResetWrittenCount();
                JsonAnswer.WriteError(answer, error.Code, error.Message);
            }

            await JsonAnswer.SendAsync(context, request.Caller.RequestId, error?.Status ?? StatusCodes.Status200OK, answer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            answer.Clear();
            ArrayPool<byte>.Shared.Return(body, clearArray: true);
        }
    }

    /// <summary>Writes the answer, or says what to answer instead.</summary>
    private async Task<KmsError?> AnswerAsync(HttpContext context, SignedRequest request, byte[] body, ArrayBufferWriter<byte> answer, CancellationToken cancellationToken)
    {
        try
        {
            if (request.IsAnonymous)
            {
                // Not recorded: there is nobody to name, and anybody could fill the trail.
                return KmsErrors.MissingAuthentication;
            }

            if (request.Service != Service)
            {
                return KmsErrors.WrongScope("service, which is kms");
            }

            // Clients keep keys apart by Regions: any is one.
            if (!request.HasRegionName)
            {
                return KmsErrors.WrongScope("region");
            }

            string target = context.Request.Headers[TargetHeader].ToString();
            return _operations.TryGetValue(target, out var known)
                ? await CallAsync(known.Operation, known.Handler, request, body, answer, cancellationToken).ConfigureAwait(false)
                : RefusalOf(target);
        }
        catch (KmsException refused)
        {
            return refused.Error;
        }
        catch (AccessException refused)
        {
            return KmsErrors.OfPayload(refused.Error);
        }
        catch (AuditUnavailableException)
        {
            return KmsErrors.AuditUnavailable;
        }
        catch (RootKeyUnavailableException failure)
        {
            _logger.LogError(failure, "A KMS request failed: {RequestId}.", request.Caller.RequestId);
            return KmsErrors.RootKeyUnavailable;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _logger.LogError(failure, "A KMS request failed: {RequestId}.", request.Caller.RequestId);
            return KmsErrors.Internal;
        }
    }

    private async Task<KmsError?> CallAsync(
        KmsOperation operation, Handler handler, SignedRequest request, byte[] body, ArrayBufferWriter<byte> answer, CancellationToken cancellationToken)
    {
        RequestTelemetry.Current?.Operation = operation.ToString();
        int size = await ReadAsync(request, body, cancellationToken).ConfigureAwait(false);
        using JsonDocument document = KmsRequest.Parse(body.AsMemory(0, size));
        var members = new KmsRequest(document.RootElement);
        var call = new KmsCall(operation, new KeyUse(request.Caller, request.Region, ViaService: null, ObjectArn: null))
        {
            DryRun = members.Flag("DryRun") ?? false,
            GrantTokens = members.GrantTokens(),
        };
        try
        {
            await using var writer = new Utf8JsonWriter(answer);
            await handler(members, call, writer, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (KmsException refused)
        {
            await _trail.RecordRefusalAsync(call, refused.Error, cancellationToken).ConfigureAwait(false);
            return refused.Error;
        }
    }

    private static KmsError RefusalOf(string target) =>
        (target.StartsWith(TargetPrefix, StringComparison.Ordinal) ? UnsupportedOperations.Refusal(target[TargetPrefix.Length..]) : null) ?? KmsErrors.UnknownOperation;

    private static async Task<int> ReadAsync(SignedRequest request, byte[] body, CancellationToken cancellationToken)
    {
        using Payload payload = request.OpenPayload();
        int size = 0;
        while (true)
        {
            ReadOnlyMemory<byte> piece = await payload.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (piece.IsEmpty)
            {
                return size;
            }

            if (piece.Length > Math.Min(body.Length, MaxBodySize) - size)
            {
                throw new KmsException(KmsErrors.RequestTooLarge);
            }

            piece.CopyTo(body.AsMemory(size));
            size += piece.Length;
        }
    }
}
