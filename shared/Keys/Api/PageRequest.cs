using System.Text.Json;

namespace Serverless.Keys;

/// <summary>Which part of a list a request asks for: members <c>Limit</c> and <c>Marker</c>.</summary>
/// <param name="Limit">How many items at most.</param>
/// <param name="Marker">The name of the last item of the page before; null for the first page.</param>
internal readonly record struct PageRequest(int Limit, string? Marker)
{
    private const int MaxMarkerLength = 1024;

    /// <summary>Reads it.</summary>
    /// <exception cref="KmsException">The limit is out of bounds, or the marker is none that the operation gives.</exception>
    public static PageRequest Read(KmsRequest request, int defaultLimit, int maxLimit, Func<string, bool> isMarker)
    {
        int limit = request.Integer("Limit", 1, maxLimit) ?? defaultLimit;
        string? marker = request.Text("Marker", MaxMarkerLength, minLength: 1);
        return marker is null || isMarker(marker) ? new(limit, marker) : throw new KmsException(KmsErrors.InvalidMarker);
    }

    /// <summary>Answers with the page: a list, and where the next one begins.</summary>
    /// <param name="answer">The answer, of which this is all.</param>
    /// <param name="list">The list's name.</param>
    /// <param name="found">The page's items, and one more if there is one.</param>
    /// <param name="write">Writes an item, or nothing where it is not for this caller.</param>
    /// <param name="markerOf">What names an item as the last of its page.</param>
    public void Write<T>(Utf8JsonWriter answer, string list, IReadOnlyList<T> found, Action<T> write, Func<T, string> markerOf)
    {
        answer.WriteStartObject();
        answer.WriteStartArray(list);
        foreach (T item in found.Take(Limit))
        {
            write(item);
        }

        answer.WriteEndArray();
        bool isTruncated = found.Count > Limit;
        if (isTruncated)
        {
            answer.WriteString("NextMarker"u8, markerOf(found[Limit - 1]));
        }

        answer.WriteBoolean("Truncated"u8, isTruncated);
        answer.WriteEndObject();
    }
}
