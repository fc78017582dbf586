using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Audit;

/// <summary>
/// Where records lie: a copy for each of their attributes, in the partition <c>attribute_day</c>, at the row <c>value,position</c>. So every lookup reads one range
/// of one partition a day, from its newest row on, whatever else the table holds; and the records of a message share a partition for each attribute, so that an
/// index costs one transaction for a message, not one for a record.
/// </summary>
/// <remarks>All of CloudTrail's attributes have an index: rare values, such as the changes to keys among the uses of them, are what one looks for.</remarks>
internal static class AuditIndex
{
    /// <summary>Values up to this length that need no care are readable in the table; others are hashed (SHA-256).</summary>
    private const int MaxPlainValue = 100;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:");

    /// <summary>What a record is found by, besides <see cref="LookupAttribute.None"/>; a value may come twice.</summary>
    public static IEnumerable<LookupAttribute> Attributes(AuditRecord record)
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

    /// <summary>The partition of a day's events by that attribute.</summary>
    public static string Partition(LookupKey key, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{key}_{day:yyyyMMdd}");

    /// <summary>
    /// A value as rows' keys begin with it. Tables forbid <c>/ \ # ?</c> and control characters in keys, and end them at 1 KiB; a comma would end the value early.
    /// The hash's mark, <c>~</c>, is not among the plain characters, so no two values share their rows.
    /// </summary>
    public static string Value(string value) =>
        value.Length <= MaxPlainValue && !value.AsSpan().ContainsAnyExcept(Plain)
            ? value
            : "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    /// <summary>The UTC day of a time in ticks.</summary>
    public static DateOnly Day(long ticks) => DateOnly.FromDateTime(new DateTime(ticks, DateTimeKind.Utc));
}
