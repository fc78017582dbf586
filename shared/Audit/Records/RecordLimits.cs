namespace Serverless.Audit;

/// <summary>How much of an event's free-form parts a record keeps; what is cut says so.</summary>
/// <param name="Text">UTF-16 units of one text, such as the user agent; a longer one ends with <see cref="Cut"/>.</param>
/// <param name="Object">Bytes of one JSON object, such as the request's parameters; a larger one becomes <c>{"omitted":true,"originalSize":…}</c>.</param>
/// <param name="Resources">How many resources are named; those that follow are left out.</param>
internal sealed record RecordLimits(int Text, int Object, int Resources)
{
    /// <summary>The mark at the end of a text that was cut.</summary>
    public const string Cut = "...[truncated]";

    /// <summary>
    /// The longest ARN in UTF-16 units: bucket (63) and key (1024 bytes) with their prefix are far below it, and LookupEvents takes values up to 2000.
    /// </summary>
    public const int Arn = 1200;

    /// <summary>What every record is held to; CloudTrail, too, keeps 1 KB of a user agent and of an error message.</summary>
    public static RecordLimits Usual { get; } = new(1024, int.MaxValue, int.MaxValue);

    /// <summary>
    /// What a record is held to that would not fit in a queue message alone. At 6 bytes for an escaped character its 18 texts take at most 14 KB, its objects 12 KB
    /// and its resources 18 KB: below 48 KiB, whatever the event holds.
    /// </summary>
    public static RecordLimits Tight { get; } = new(128, 4096, 2);
}
