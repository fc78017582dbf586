using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Audit;

/// <summary>
/// Where records lie: one copy in each partition <c>attribute_value_day</c>, so that every lookup reads one partition a day from its newest row on,
/// whatever else the table holds.
/// </summary>
/// <remarks>
/// All of CloudTrail's attributes have an index. What takes few values (event name and source, user, access key, ReadOnly, resource type) is the same for most records
/// of a message, which then share a transaction, so an index costs a fraction of a write per record; and rare values, such as the changes to keys among the
/// uses of them, are what one looks for. Only the event's id and an object's name cost a write each.
/// </remarks>
internal static class AuditIndex
{
    /// <summary>Values up to this length that need no care are readable in the table; others are hashed (SHA-256).</summary>
    private const int MaxPlainValue = 100;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:");

    /// <summary>The partitions of a record by its attributes.</summary>
    public static IEnumerable<string> Attributes(AuditRecord record)
    {
        var day = Day(record.Ticks);
        return Values(record).Distinct().Select(attribute => Partition(attribute, day));
    }

    /// <summary>The partition of a record among all events of its day.</summary>
    public static IEnumerable<string> Days(AuditRecord record) => [Partition(LookupAttribute.None, Day(record.Ticks))];

    /// <summary>The partition of a day's events with that attribute.</summary>
    public static string Partition(LookupAttribute attribute, DateOnly day) =>
        string.Create(CultureInfo.InvariantCulture, $"{attribute.Key}_{Value(attribute.Value)}_{day:yyyyMMdd}");

    /// <summary>The UTC day of a time in ticks.</summary>
    public static DateOnly Day(long ticks) => DateOnly.FromDateTime(new DateTime(ticks, DateTimeKind.Utc));

    private static IEnumerable<LookupAttribute> Values(AuditRecord record)
    {
        yield return new(LookupKey.EventId, record.EventId.ToString("D"));
        yield return new(LookupKey.EventName, record.EventName);
        yield return new(LookupKey.ReadOnly, record.ReadOnly ? "true" : "false");
        yield return new(LookupKey.Username, record.Username);
        yield return new(LookupKey.EventSource, record.EventSource);
        if (record.AccessKeyId is { } accessKeyId) yield return new(LookupKey.AccessKeyId, accessKeyId);
        foreach (var resource in record.Resources)
        {
            yield return new(LookupKey.ResourceType, resource.Type);
            yield return new(LookupKey.ResourceName, resource.Arn);
            // A KMS key is also found by its bare id, as on AWS.
            if (resource.Type == "AWS::KMS::Key") yield return new(LookupKey.ResourceName, resource.Arn[(resource.Arn.LastIndexOf('/') + 1)..]);
        }
    }

    /// <summary>
    /// Tables forbid <c>/ \ # ?</c> and control characters in keys, and end them at 1 KiB. The hash's mark, <c>~</c>, is not among the plain characters, so no two values share a partition.
    /// </summary>
    private static string Value(string value) =>
        value.Length <= MaxPlainValue && !value.AsSpan().ContainsAnyExcept(Plain)
            ? value
            : "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
