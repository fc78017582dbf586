using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Access;

namespace Serverless.Audit;

/// <summary>
/// Writes an event as a CloudTrail record, version 1.11: the fields, and their order, of
/// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html and of
/// https://docs.aws.amazon.com/kms/latest/developerguide/ct-generatedatakey.html.
/// </summary>
internal static class RecordWriter
{
    /// <param name="writer">Where the record goes, as one JSON object.</param>
    /// <param name="auditEvent">The event.</param>
    /// <param name="accountId">The service's account: the recipient, and the owner of resources whose ARN names none.</param>
    /// <param name="limits">How much of the free-form parts is kept.</param>
    public static void Write(Utf8JsonWriter writer, AuditEvent auditEvent, string accountId, RecordLimits limits)
    {
        var caller = auditEvent.Caller;
        writer.WriteStartObject();
        writer.WriteString("eventVersion"u8, "1.11"u8);
        WriteIdentity(writer, caller.Principal, auditEvent.InvokedBy, limits);
        writer.WriteString("eventTime"u8, WholeSeconds(auditEvent.EventTime));
        WriteText(writer, "eventSource"u8, auditEvent.EventSource, limits);
        WriteText(writer, "eventName"u8, auditEvent.EventName, limits);
        WriteText(writer, "awsRegion"u8, auditEvent.Region, limits);
        WriteOrigin(writer, caller, limits);
        if (auditEvent.ErrorCode is { } code) WriteText(writer, "errorCode"u8, code, limits);
        if (auditEvent.ErrorMessage is { } message) WriteText(writer, "errorMessage"u8, message, limits);
        WriteObject(writer, "requestParameters"u8, auditEvent.RequestParameters, limits);
        WriteObject(writer, "responseElements"u8, auditEvent.ResponseElements, limits);
        if (auditEvent.AdditionalEventData is { } additional) WriteObject(writer, "additionalEventData"u8, additional, limits);
        WriteText(writer, "requestID"u8, caller.RequestId, limits);
        writer.WriteString("eventID"u8, auditEvent.EventId);
        writer.WriteBoolean("readOnly"u8, auditEvent.ReadOnly);
        WriteResources(writer, auditEvent.Resources, accountId, limits);
        WriteText(writer, "eventType"u8, auditEvent.EventType, limits);
        writer.WriteBoolean("managementEvent"u8, true);
        writer.WriteString("recipientAccountId"u8, accountId);
        if (auditEvent.ServiceEventDetails is { } details) WriteObject(writer, "serviceEventDetails"u8, details, limits);
        writer.WriteString("eventCategory"u8, "Management"u8);
        if (caller.Tls is { } tls) WriteTls(writer, tls, limits);
        writer.WriteEndObject();
    }

    /// <summary>https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html</summary>
    private static void WriteIdentity(Utf8JsonWriter writer, Principal principal, string? invokedBy, RecordLimits limits)
    {
        writer.WriteStartObject("userIdentity"u8);
        switch (principal.Type)
        {
            case PrincipalType.Anonymous:
                writer.WriteString("type"u8, "AWSAccount"u8);
                writer.WriteString("principalId"u8, ""u8);
                writer.WriteString("accountId"u8, "anonymous"u8);
                break;
            case PrincipalType.Unknown:
                // What it claims is nobody's account, and only said to be its access key.
                writer.WriteString("type"u8, "Unknown"u8);
                writer.WriteString("principalId"u8, ""u8);
                writer.WriteString("accountId"u8, "anonymous"u8);
                if (principal.AccessKeyId is { } claimed) WriteText(writer, "accessKeyId"u8, claimed, limits);
                break;
            case PrincipalType.AWSService:
                writer.WriteString("type"u8, "AWSService"u8);
                WriteText(writer, "accountId"u8, principal.AccountId, limits);
                WriteText(writer, "invokedBy"u8, principal.UserName, limits);
                break;
            default:
                // CloudTrail gives a root no userName.
                var root = principal.Type == PrincipalType.Root;
                writer.WriteString("type"u8, root ? "Root"u8 : "IAMUser"u8);
                WriteText(writer, "principalId"u8, principal.UserId, limits);
                WriteText(writer, "arn"u8, principal.Arn, limits);
                WriteText(writer, "accountId"u8, principal.AccountId, limits);
                if (principal.AccessKeyId is { } accessKeyId) WriteText(writer, "accessKeyId"u8, accessKeyId, limits);
                if (!root) WriteText(writer, "userName"u8, principal.UserName, limits);
                if (invokedBy is not null) WriteText(writer, "invokedBy"u8, invokedBy, limits);
                break;
        }
        writer.WriteEndObject();
    }

    private static void WriteOrigin(Utf8JsonWriter writer, Caller caller, RecordLimits limits)
    {
        // What the service does by itself comes from itself: CloudTrail names the service as address and agent.
        if (caller.Principal.Type == PrincipalType.AWSService)
        {
            WriteText(writer, "sourceIPAddress"u8, caller.Principal.UserName, limits);
            WriteText(writer, "userAgent"u8, caller.Principal.UserName, limits);
            return;
        }
        if (caller.SourceAddress is { } address)
        {
            if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
            Span<byte> text = stackalloc byte[65];
            address.TryFormat(text, out var length);
            writer.WriteString("sourceIPAddress"u8, text[..length]);
        }
        else
        {
            writer.WriteNull("sourceIPAddress"u8);
        }
        if (caller.UserAgent is { } userAgent) WriteText(writer, "userAgent"u8, userAgent, limits);
        else writer.WriteNull("userAgent"u8);
    }

    private static void WriteTls(Utf8JsonWriter writer, TlsDetails tls, RecordLimits limits)
    {
        writer.WriteStartObject("tlsDetails"u8);
        if (tls.Version is { } version) WriteText(writer, "tlsVersion"u8, version, limits);
        if (tls.CipherSuite is { } cipherSuite) WriteText(writer, "cipherSuite"u8, cipherSuite, limits);
        WriteText(writer, "clientProvidedHostHeader"u8, tls.Host, limits);
        writer.WriteEndObject();
    }

    private static void WriteResources(Utf8JsonWriter writer, IReadOnlyList<AuditResource> resources, string accountId, RecordLimits limits)
    {
        if (resources.Count == 0) return;
        writer.WriteStartArray("resources"u8);
        for (var i = 0; i < Math.Min(resources.Count, limits.Resources); i++)
        {
            var resource = resources[i];
            writer.WriteStartObject();
            WriteText(writer, "accountId"u8, Account(resource.Arn) is { Length: > 0 } owner ? owner : accountId, limits.Text);
            WriteText(writer, "type"u8, resource.Type, limits);
            WriteText(writer, "ARN"u8, resource.Arn, RecordLimits.Arn);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    /// <summary>An ARN's fifth part; S3's ARNs leave it empty.</summary>
    private static ReadOnlySpan<char> Account(string arn)
    {
        Span<Range> parts = stackalloc Range[6];
        return arn.AsSpan().Split(parts, ':') == parts.Length ? arn.AsSpan()[parts[4]] : default;
    }

    private static void WriteObject(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonObject? value, RecordLimits limits)
    {
        writer.WritePropertyName(name);
        RecordObject.Write(writer, value, limits.Object);
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string text, RecordLimits limits) => WriteText(writer, name, text, limits.Text);

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<char> text, int limit)
    {
        if (text.Length <= limit) writer.WriteString(name, text);
        else writer.WriteString(name, string.Concat(text[..(limit - RecordLimits.Cut.Length)], RecordLimits.Cut));
    }

    /// <summary>CloudTrail's times have no fraction.</summary>
    private static DateTime WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerSecond, DateTimeKind.Utc);
}
