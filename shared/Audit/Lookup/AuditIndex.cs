using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Audit;

/// <summary>Where rows lie: the partition <c>key_day</c>, and in it the rows whose keys begin with <c>value!</c> (see <see cref="AuditKey"/>).</summary>
internal readonly record struct AuditPlace(LookupKey Key, string Value)
{
    private const string DayFormat = "yyyyMMdd";

    /// <summary>Of all events.</summary>
    public static AuditPlace All { get; } = new(LookupKey.None, "");

    /// <summary>The partition of that day.</summary>
    public string Partition(DateOnly day) => $"{Key}_{day.ToString(DayFormat, CultureInfo.InvariantCulture)}";

    /// <summary>The day of a partition, or null: its name has none.</summary>
    public static DateOnly? TryGetDay(string partition) =>
        DateOnly.TryParseExact(partition.AsSpan(partition.LastIndexOf('_') + 1), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}

/// <summary>
/// Which copies of a record there are: one among all events of its day, and one for each attribute that tells it from most others. So a lookup reads one range of one partition
/// a day, from its newest row on, whatever else the table holds; and the records of a message share a partition for each attribute, so that an index
/// costs one transaction for a message, not for a record.
/// </summary>
internal static class AuditIndex
{
    private const string KmsKeyType = "AWS::KMS::Key";

    /// <summary>Values up to this length that need no care are readable in the table; others are hashed (SHA-256).</summary>
    private const int MaxPlainValue = 100;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:");

    /// <summary>The UTC day of a time in ticks.</summary>
    public static DateOnly Day(long ticks) => DateOnly.FromDateTime(new DateTime(ticks, DateTimeKind.Utc));

    /// <summary>What a record is found by; a value may come twice.</summary>
    public static IEnumerable<LookupAttribute> Attributes(AuditRecord record)
    {
        yield return LookupAttribute.None;
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
            // A KMS key is also found by its bare id, and a user by its name, as on AWS.
            if (resource.Type is KmsKeyType or AuditResource.IamUserType) yield return new(LookupKey.ResourceName, LastPart(resource.Arn));
        }
    }

    /// <summary>Where a record's copies are.</summary>
    public static IEnumerable<AuditPlace> Places(AuditRecord record) => Attributes(record).Select(PlaceOf).Distinct();

    /// <summary>
    /// Where the records with an attribute are. Others may be there, too, so what is read is held against the attribute: nearly every record reads with a KMS key, so for
    /// those values a copy would double the table and find nothing faster than a look at all events does; their rare opposites, such as the changes to keys, have theirs.
    /// </summary>
    public static AuditPlace PlaceOf(LookupAttribute attribute) => attribute switch
    {
        { Key: LookupKey.ReadOnly, Value: "true" }
            or { Key: LookupKey.EventSource, Value: "kms.amazonaws.com" }
            or { Key: LookupKey.ResourceType, Value: KmsKeyType or "AWS::S3::Object" } => AuditPlace.All,
        // One copy serves a key's ARN and its id, and a user's ARN and its name.
        { Key: LookupKey.ResourceName, Value: var arn } when arn.StartsWith("arn:aws:kms:", StringComparison.Ordinal) || arn.StartsWith("arn:aws:iam:", StringComparison.Ordinal) => new(attribute.Key, RowValue(LastPart(arn))),
        _ => new(attribute.Key, RowValue(attribute.Value)),
    };

    private static string LastPart(string arn) => arn[(arn.LastIndexOf('/') + 1)..];

    /// <summary>
    /// Tables forbid <c>/ \ # ?</c> and control characters in keys, and end them at 1 KiB; <c>!</c> would end the value early.
    /// The hash's mark, <c>~</c>, is not among the plain characters, so no two values share their rows.
    /// </summary>
    private static string RowValue(string value) =>
        value.Length <= MaxPlainValue && !value.AsSpan().ContainsAnyExcept(Plain)
            ? value
            : "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
