using System.Collections;

namespace Serverless.Access;

/// <summary>A query's parameters, decoded, in the order in which they were sent. Names are case-sensitive; a name without <c>=</c> has the value "".</summary>
public sealed class QueryParameters : IReadOnlyList<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> parameters = [];

    public static QueryParameters Empty { get; } = new();

    public int Count => parameters.Count;

    public KeyValuePair<string, string> this[int index] => parameters[index];

    /// <param name="rawQuery">The query as sent, without the question mark.</param>
    /// <exception cref="AccessException">InvalidURI: a malformed escape.</exception>
    public static QueryParameters Parse(string rawQuery)
    {
        if (rawQuery.Length == 0)
        {
            return Empty;
        }
        var query = new QueryParameters();
        foreach (var range in rawQuery.AsSpan().Split('&'))
        {
            var pair = rawQuery.AsSpan()[range];
            var equals = pair.IndexOf('=');
            if (!pair.IsEmpty)
            {
                query.parameters.Add(new(
                    PercentEncoding.DecodeQuery(equals < 0 ? pair : pair[..equals]),
                    equals < 0 ? "" : PercentEncoding.DecodeQuery(pair[(equals + 1)..])));
            }
        }
        return query;
    }

    public bool Has(string name) => TryGet(name, out _);

    /// <summary>The first value of that name.</summary>
    public bool TryGet(string name, out string value) => TryGet(name, StringComparison.Ordinal, out value);

    /// <summary>The first value of that name; null where there is none.</summary>
    public string? Find(string name) => TryGet(name, out var value) ? value : null;

    public List<KeyValuePair<string, string>>.Enumerator GetEnumerator() => parameters.GetEnumerator();

    IEnumerator<KeyValuePair<string, string>> IEnumerable<KeyValuePair<string, string>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>For the parameters of a presigned URL, whose names S3 takes in any letter case.</summary>
    internal bool TryGet(string name, StringComparison comparison, out string value)
    {
        foreach (var parameter in parameters)
        {
            if (parameter.Key.Equals(name, comparison))
            {
                value = parameter.Value;
                return true;
            }
        }
        value = "";
        return false;
    }
}
