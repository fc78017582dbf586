namespace Serverless.Objects.Listing;

/// <summary>Reads pages of entries of which a key may have several, rolled up into common prefixes.</summary>
internal static class GroupedPage
{
    /// <param name="query">The page.</param>
    /// <param name="isWithin">Whether it begins behind an entry of the key <see cref="ListingQuery.After"/>, rather than behind that key.</param>
    /// <param name="list">
    /// Lists from a key on, so many entries at a time; where it is told that this is the page's first key, only those of that key that the page begins before.
    /// One such listing is enough, and one more for each common prefix of so many entries that it is better to go on behind it.
    /// </param>
    /// <param name="keyOf">An entry's key.</param>
    /// <param name="ofPrefix">The entry of a common prefix.</param>
    /// <returns>The entries, and whether there are more behind them.</returns>
    public static async ValueTask<(IReadOnlyList<T> Entries, bool IsTruncated)> ReadAsync<T>(
        ListingQuery query, bool isWithin, Func<string, bool, int, IAsyncEnumerable<T>> list, Func<T, string> keyOf, Func<string, T> ofPrefix)
    {
        var entries = new List<T>();
        // One more than is shown tells whether there are more.
        var wanted = query.MaxEntries == 0 ? 0 : query.MaxEntries + 1;
        // Entries of the marker's own key are left only where they are listed by themselves.
        isWithin = isWithin && query.After.StartsWith(query.Prefix, StringComparison.Ordinal) && query.GroupOf(query.After) is null;
        for (var from = isWithin ? query.After : query.FirstKey(); from is not null && entries.Count < wanted; isWithin = false)
            from = await ReadSomeAsync(list(from, isWithin, wanted - entries.Count), wanted - entries.Count).ConfigureAwait(false);
        var isTruncated = wanted > 0 && entries.Count == wanted;
        if (isTruncated) entries.RemoveAt(query.MaxEntries);
        return (entries, isTruncated);

        // Returns the key to go on from behind a common prefix; null where there are entries enough, or no more.
        async ValueTask<string?> ReadSomeAsync(IAsyncEnumerable<T> listed, int pageSize)
        {
            var (group, skipped) = ((string?)null, 0);
            await foreach (var entry in listed.ConfigureAwait(false))
            {
                var key = keyOf(entry);
                if (group is not null && key.StartsWith(group, StringComparison.Ordinal))
                {
                    // What was read with the first is passed over; behind a page of it, the rest is not read.
                    if (++skipped == pageSize) return query.FirstKeyBehind(group);
                    continue;
                }
                (group, skipped) = (query.GroupOf(key), 0);
                entries.Add(group is null ? entry : ofPrefix(group));
                if (entries.Count == wanted) return null;
            }
            return null;
        }
    }
}
