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
}
