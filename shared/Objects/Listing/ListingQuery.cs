namespace Serverless.Objects.Listing;

/// <summary>
/// What a page of a listing is to show. The entries of a listing are the keys that begin with the prefix, but those that hold the delimiter behind it are rolled up into one entry,
/// their common prefix, which goes to the delimiter's end (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html).
/// </summary>
/// <param name="Prefix">What keys begin with; "" for any.</param>
/// <param name="Delimiter">What rolls keys up; "" for nothing.</param>
/// <param name="After">The entry behind which the page begins, in <see cref="KeyOrder"/>, or any other text; "" for the first page.</param>
/// <param name="MaxEntries">At most so many keys and common prefixes together.</param>
public sealed record ListingQuery(string Prefix, string Delimiter, string After, int MaxEntries)
{
    /// <summary>The common prefix that a key is rolled up into; null where it is listed by itself.</summary>
    public string? GroupOf(string key)
    {
        if (Delimiter.Length == 0 || !HasPrefix(key)) return null;
        var at = key.IndexOf(Delimiter, Prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + Delimiter.Length)];
    }

    /// <summary>The key from which on to look for entries; null where there are none. A common prefix that is not behind <see cref="After"/> is passed over with all its keys.</summary>
    public string? FirstKey()
    {
        if (After.Length == 0 || KeyOrder.Instance.Compare(After, Prefix) < 0) return Prefix;
        if (!HasPrefix(After)) return null;
        return GroupOf(After) is { } group ? FirstKeyBehind(group) : KeyOrder.After(After);
    }

    /// <summary>The key from which on to look for entries behind a common prefix; null where there are none.</summary>
    public string? FirstKeyBehind(string group) => KeyOrder.AfterPrefix(group) is { } next && HasPrefix(next) ? next : null;

    private bool HasPrefix(string key) => key.StartsWith(Prefix, StringComparison.Ordinal);
}
