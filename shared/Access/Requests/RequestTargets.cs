using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Access;

/// <summary>Where the raw request target is to be had; setting <c>Access__RawTarget</c>.</summary>
public enum RawTargetSource
{
    /// <summary>The server's own: nothing between it and the client rewrites paths (LocalHost).</summary>
    Server,

    /// <summary>
    /// Azure's front end, which overwrites <c>X-WAWS-Unencoded-URL</c>, <c>X-Forwarded-Proto</c> and <c>X-Forwarded-For</c>.
    /// Only for a deployment behind it: anywhere else a client could set them.
    /// </summary>
    FrontEnd,

    /// <summary>The Functions host without a front end, which decodes the path and encodes it anew.</summary>
    Rebuilt,
}

/// <summary>Yields the targets that a request may have had when the client signed it; the signature decides which.</summary>
internal static class RequestTargets
{
    public const string FrontEndHeader = "X-WAWS-Unencoded-URL";

    /// <summary>How many readings of a rebuilt path are tried.</summary>
    public const int MaxCandidates = 8;

    // What the Functions host makes of both %2F and %252F: the server under it leaves %2F encoded, and the percent sign is then encoded again.
    private const string Ambiguous = "%252F";

    /// <returns>At least one target, the likeliest first.</returns>
    /// <exception cref="AccessException">InvalidURI.</exception>
    public static RequestTarget[] Of(HttpRequest request, RawTargetSource source)
    {
        if (source == RawTargetSource.FrontEnd && request.Headers[FrontEndHeader] is [{ Length: > 0 } unencoded])
        {
            return [RequestTarget.Parse(unencoded)];
        }
        var raw = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var sent = RequestTarget.Parse(raw);
        return source == RawTargetSource.Server ? [sent] : Readings(sent);
    }

    private static RequestTarget[] Readings(RequestTarget rebuilt)
    {
        var pieces = rebuilt.RawPath.Replace(Ambiguous, Ambiguous, StringComparison.OrdinalIgnoreCase).Split(Ambiguous);
        var places = pieces.Length - 1;
        if (places == 0)
        {
            return [rebuilt];
        }
        // One bit a place: set where the client sent %2F. First none and all, as a client treats every slash alike.
        var all = places >= 32 ? uint.MaxValue : (1u << places) - 1;
        var readings = new List<RequestTarget>(MaxCandidates) { rebuilt, rebuilt.WithPath(Reading(pieces, all)) };
        for (var mask = 1u; mask < all && readings.Count < MaxCandidates; mask++)
        {
            readings.Add(rebuilt.WithPath(Reading(pieces, mask)));
        }
        return [.. readings];
    }

    private static string Reading(string[] pieces, uint mask)
    {
        var path = new StringBuilder(pieces[0]);
        for (var place = 0; place < pieces.Length - 1; place++)
        {
            // Beyond 32 places only the readings that treat all alike are tried; the last bit stands for the rest.
            var slash = mask >> Math.Min(place, 31) & 1;
            path.Append(slash == 1 ? "%2F" : Ambiguous).Append(pieces[place + 1]);
        }
        return path.ToString();
    }
}
