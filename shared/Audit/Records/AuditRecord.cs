using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Audit;

/// <summary>
/// A CloudTrail record as it was written, with what it is found by. The bytes are kept as they are: they are what LookupEvents returns and what a digest covers.
/// </summary>
public sealed class AuditRecord
{
    private readonly RecordFields fields;

    private AuditRecord(long ticks, ReadOnlyMemory<byte> json, RecordFields fields)
    {
        Ticks = ticks;
        Json = json;
        this.fields = fields;
    }

    /// <summary>When it happened, in ticks of UTC: finer than the record itself says, so that events of one second have an order.</summary>
    public long Ticks { get; }

    /// <summary>The record, UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    public Guid EventId => fields.EventId;

    public string EventName => fields.EventName;

    public string EventSource => fields.EventSource;

    /// <summary>The Region that it happened in; null where the record says none.</summary>
    public string? Region => fields.AwsRegion;

    public bool ReadOnly => fields.ReadOnly;

    public string? AccessKeyId => fields.UserIdentity.AccessKeyId;

    /// <summary>What LookupEvents calls Username: <c>root</c>, the user's name, the service's, or <c>anonymous</c>.</summary>
    public string Username => fields.UserIdentity switch
    {
        { Type: "Root" } => "root",
        { UserName: { } name } => name,
        { InvokedBy: { } service } => service,
        var other => other.AccountId,
    };

    public IReadOnlyList<AuditResource> Resources => fields.Resources ?? [];

    /// <exception cref="JsonException">It is not a record.</exception>
    public static AuditRecord Parse(long ticks, ReadOnlyMemory<byte> json)
    {
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) throw new JsonException("The record's time is out of range.");
        var fields = JsonSerializer.Deserialize(json.Span, RecordJson.Default.RecordFields) ?? throw new JsonException("The record is null.");
        // Annotations cover members, not the elements of a list.
        if (fields.Resources?.Contains(null!) == true) throw new JsonException("A resource is null.");
        return new AuditRecord(ticks, json, fields);
    }
}

/// <summary>The fields of a record that it is found by.</summary>
internal sealed record RecordFields
{
    [JsonPropertyName("eventID")]
    public required Guid EventId { get; init; }

    public required string EventName { get; init; }

    public required string EventSource { get; init; }

    public string? AwsRegion { get; init; }

    public required bool ReadOnly { get; init; }

    public required RecordIdentity UserIdentity { get; init; }

    public IReadOnlyList<AuditResource>? Resources { get; init; }
}

/// <summary>A record's userIdentity.</summary>
internal sealed record RecordIdentity(string Type, string AccountId, string? UserName = null, string? InvokedBy = null, string? AccessKeyId = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RecordFields))]
internal sealed partial class RecordJson : JsonSerializerContext;
