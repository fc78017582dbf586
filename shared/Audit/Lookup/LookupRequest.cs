using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Access;

namespace Serverless.Audit;

/// <summary>A valid LookupEvents request (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html).</summary>
/// <param name="Attribute">What the events are looked up by.</param>
/// <param name="From">The earliest time, in ticks; the beginning of a second, as records say whole seconds.</param>
/// <param name="To">The latest time, in ticks; the end of a second.</param>
/// <param name="MaxResults">How many events a page holds, 1 to 50.</param>
/// <param name="IsInsight">Whether Insights events are asked for; there are none.</param>
/// <param name="Binding">The parameters that a page's token belongs to.</param>
/// <param name="After">The position of the last record of the page before, or null.</param>
internal sealed record LookupRequest(LookupAttribute Attribute, long From, long To, int MaxResults, bool IsInsight, string Binding, string? After)
{
    /// <summary>The largest body, in bytes; the largest that makes sense has a value of 2000 characters and a token.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>How far back CloudTrail's LookupEvents sees.</summary>
    public static readonly TimeSpan History = TimeSpan.FromDays(90);

    private const int LargestPage = 50;
    private const int LongestValue = 2000;

    /// <exception cref="CloudTrailException">The request is not valid.</exception>
    public static LookupRequest Parse(ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var fields = Deserialize(body);
        var attribute = Attributes(fields.LookupAttributes ?? []);
        if (fields.EventCategory is not (null or "insight")) throw new CloudTrailException(CloudTrailError.EventCategory);
        if (fields.MaxResults is < 1 or > LargestPage) throw new CloudTrailException(CloudTrailError.MaxResults);
        var start = Seconds(fields.StartTime);
        var end = Seconds(fields.EndTime);
        if (start > end) throw new CloudTrailException(CloudTrailError.TimeRange);

        // A token carries the position of its page, so it belongs to what was asked for, not to what "now" made of it.
        var binding = string.Create(CultureInfo.InvariantCulture, $"{attribute.Key}\n{start}\n{end}\n{fields.EventCategory}\n{attribute.Value}");
        var after = fields.NextToken is { } token ? PageToken.Open(token, binding) : null;
        if (fields.NextToken is not null && !(after is not null && AuditKey.TryGetTicks(after, out _))) throw new CloudTrailException(CloudTrailError.NextToken);

        var latest = now.UtcTicks / TimeSpan.TicksPerSecond;
        var earliest = latest - (long)History.TotalSeconds;
        return new LookupRequest(
            attribute,
            Math.Max(start ?? earliest, earliest) * TimeSpan.TicksPerSecond,
            (Math.Min(end ?? latest, latest) + 1) * TimeSpan.TicksPerSecond - 1,
            fields.MaxResults ?? LargestPage,
            fields.EventCategory is not null,
            binding,
            after);
    }

    private static LookupFields Deserialize(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, LookupJson.Default.LookupFields) ?? throw new CloudTrailException(CloudTrailError.Serialization);
        }
        catch (JsonException)
        {
            throw new CloudTrailException(CloudTrailError.Serialization);
        }
    }

    private static LookupAttribute Attributes(IReadOnlyList<LookupAttributeFields> attributes)
    {
        if (attributes.Count == 0) return LookupAttribute.None;
        if (attributes.Count > 1) throw new CloudTrailException(CloudTrailError.OneAttribute);
        var key = attributes[0]?.AttributeKey switch
        {
            "EventId" => LookupKey.EventId,
            "EventName" => LookupKey.EventName,
            "ReadOnly" => LookupKey.ReadOnly,
            "Username" => LookupKey.Username,
            "ResourceType" => LookupKey.ResourceType,
            "ResourceName" => LookupKey.ResourceName,
            "EventSource" => LookupKey.EventSource,
            "AccessKeyId" => LookupKey.AccessKeyId,
            _ => throw new CloudTrailException(CloudTrailError.AttributeKey),
        };
        if (attributes[0].AttributeValue is not { Length: >= 1 and <= LongestValue } value) throw new CloudTrailException(CloudTrailError.AttributeValue);
        return new LookupAttribute(key, value);
    }

    /// <summary>A time as whole seconds since year 1: a number of seconds since 1970, or, leniently, an ISO 8601 text.</summary>
    private static long? Seconds(JsonElement? time)
    {
        switch (time)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var sinceEpoch):
                var seconds = Math.Floor(sinceEpoch) + DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerSecond;
                if (seconds < 0 || seconds > DateTime.MaxValue.Ticks / TimeSpan.TicksPerSecond) throw new CloudTrailException(CloudTrailError.TimeRange);
                return (long)seconds;
            case { ValueKind: JsonValueKind.String } text
                when DateTimeOffset.TryParse(text.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed):
                return parsed.UtcTicks / TimeSpan.TicksPerSecond;
            default:
                throw new CloudTrailException(CloudTrailError.Serialization);
        }
    }
}

/// <summary>A request's body.</summary>
internal sealed record LookupFields(
    IReadOnlyList<LookupAttributeFields>? LookupAttributes, JsonElement? StartTime, JsonElement? EndTime, int? MaxResults, string? NextToken, string? EventCategory);

/// <summary>One attribute in a request's body.</summary>
internal sealed record LookupAttributeFields(string? AttributeKey, string? AttributeValue);

[JsonSerializable(typeof(LookupFields))]
internal sealed partial class LookupJson : JsonSerializerContext;
