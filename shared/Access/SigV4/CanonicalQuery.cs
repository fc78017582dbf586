namespace Serverless.Access;

/// <summary>The canonical query: every name and value encoded, <c>name=value</c> joined by <c>&amp;</c>, in the order of the encoded names, then values.</summary>
internal static class CanonicalQuery
{
    public static void Write(PooledBytes output, QueryParameters query)
    {
        if (query.Count == 0)
        {
            return;
        }
        using var encoded = new PooledBytes(256);
        var entries = query.Count <= 16 ? stackalloc Entry[query.Count] : new Entry[query.Count];
        var count = 0;
        foreach (var (name, value) in query)
        {
            if (name.Equals("X-Amz-Signature", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            var start = encoded.Length;
            PercentEncoding.EncodeQuery(encoded, name);
            var valueStart = encoded.Length;
            PercentEncoding.EncodeQuery(encoded, value);
            entries[count++] = new Entry(start, valueStart, encoded.Length);
        }
        entries = entries[..count];
        entries.Sort(new EncodedOrder(encoded.Array));
        foreach (ref readonly var entry in entries)
        {
            output.Add(encoded.Written[entry.Start..entry.ValueStart]);
            output.Add((byte)'=');
            output.Add(encoded.Written[entry.ValueStart..entry.End]);
            output.Add((byte)'&');
        }
        if (count > 0)
        {
            output.RemoveLast();
        }
    }

    private readonly record struct Entry(int Start, int ValueStart, int End);

    // The names are compared before the values: as whole pairs, "a-b=1" would come before "a=1".
    private readonly struct EncodedOrder(byte[] bytes) : IComparer<Entry>
    {
        public int Compare(Entry x, Entry y)
        {
            var names = bytes.AsSpan(x.Start..x.ValueStart).SequenceCompareTo(bytes.AsSpan(y.Start..y.ValueStart));
            return names != 0 ? names : bytes.AsSpan(x.ValueStart..x.End).SequenceCompareTo(bytes.AsSpan(y.ValueStart..y.End));
        }
    }
}
