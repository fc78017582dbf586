using System.Text.Json.Nodes;
using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Keys;

/// <summary>Puts calls on the audit trail, in CloudTrail's terms (https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html).</summary>
internal sealed class KmsTrail(IAuditTrail trail, TimeProvider time)
{
    private const string EventSource = "kms.amazonaws.com";
    private const string KeyType = "AWS::KMS::Key";

    /// <summary>Records a call that will be answered. When this returns, its effect may happen.</summary>
    /// <exception cref="AuditUnavailableException">It may not.</exception>
    public ValueTask RecordAsync(KmsCall call, CancellationToken cancellationToken)
    {
        KeyMetrics.CountUse(call, error: null);
        return trail.RecordAsync(EventOf(call), cancellationToken);
    }

    /// <summary>The same for a call that may be tried again.</summary>
    public async ValueTask RecordOnceAsync(KmsCall call, CancellationToken cancellationToken)
    {
        if (!call.IsRecorded)
        {
            await RecordAsync(call, cancellationToken).ConfigureAwait(false);
            call.IsRecorded = true;
        }
    }

    /// <summary>Records a call that is refused, perhaps after it was recorded as about to be answered (a lost race).</summary>
    public ValueTask RecordRefusalAsync(KmsCall call, KmsError error, CancellationToken cancellationToken)
    {
        KeyMetrics.CountUse(call, error);
        return trail.RecordAsync(EventOf(call) with { ResponseElements = null, ErrorCode = error.Code, ErrorMessage = error.Message }, cancellationToken);
    }

    private AuditEvent EventOf(KmsCall call) => new()
    {
        EventTime = time.GetUtcNow(),
        EventSource = EventSource,
        EventName = call.Operation.ToString(),
        EventType = call.EventType,
        Region = call.Use.Region,
        Caller = call.Use.Caller,
        InvokedBy = call.Use.ViaService is { } service ? $"{service}.amazonaws.com" : null,
        ReadOnly = IsReadOnly(call.Operation),
        RequestParameters = call.Parameters.Count > 0 ? call.Parameters : null,
        ResponseElements = call.Response,
        AdditionalEventData = AdditionalDataOf(call),
        Resources = ResourcesOf(call),
    };

    /// <summary>Whether an operation changes no key.</summary>
    public static bool IsReadOnly(KmsOperation operation) => operation is
        KmsOperation.DescribeKey or KmsOperation.ListKeys or KmsOperation.ListAliases or KmsOperation.ListResourceTags or
        KmsOperation.GetKeyRotationStatus or KmsOperation.ListKeyRotations or KmsOperation.GetParametersForImport or
        KmsOperation.GetKeyPolicy or KmsOperation.ListKeyPolicies or KmsOperation.ListGrants or KmsOperation.ListRetirableGrants or
        KmsOperation.GenerateDataKey or KmsOperation.GenerateDataKeyWithoutPlaintext or KmsOperation.GenerateRandom or
        KmsOperation.Encrypt or KmsOperation.Decrypt or KmsOperation.ReEncrypt or KmsOperation.GenerateMac or KmsOperation.VerifyMac;

    private static JsonObject? AdditionalDataOf(KmsCall call)
    {
        var data = new JsonObject();
        if (call.Material is { } material)
        {
            data["keyMaterialId"] = material.MaterialId;
            data["keyVersion"] = material.Version;
        }
        else if (call is { CiphertextVersion: { } version, Source: null })
        {
            data["keyVersion"] = version;
        }

        if (call.Use.ViaServiceName is { } service)
        {
            data["viaService"] = service;
        }

        if (call.Use.BucketKey)
        {
            data["bucketKey"] = true;
        }

        return data.Count > 0 ? data : null;
    }

    private static List<AuditResource> ResourcesOf(KmsCall call)
    {
        var resources = new List<AuditResource>(2);
        if (call.Source is { } source && source.Arn != call.Key?.Arn)
        {
            resources.Add(new(KeyType, source.Arn));
        }

        if (call.Key is { } key)
        {
            resources.Add(new(KeyType, key.Arn));
        }

        if (call.Use.ObjectArn is { } arn)
        {
            resources.Add(new("AWS::S3::Object", arn));
        }

        return resources;
    }
}
