using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;

namespace Serverless.Objects.Operations;

/// <summary>
/// What a ListObjects or ListObjectsV2 asks for. A parameter that is sent twice counts the first time; the order of the checks is S3's.
/// </summary>
/// <param name="Query">The page to read.</param>
/// <param name="MaxKeys">As it was sent, and is repeated; no page holds more than 1000 keys and prefixes.</param>
/// <param name="Encoding">How names are written.</param>
internal sealed record ListObjectsRequest(ListingQuery Query, int MaxKeys, ListEncoding Encoding)
{
    private const int MaxEntries = 1000;

    private static readonly (string Parameter, string Refusal)[] OnlyInV1 = [("marker", "Marker unsupported with REST.GET.BUCKET in list-type=2")];

    private static readonly (string Parameter, string Refusal)[] OnlyInV2 =
    [
        ("continuation-token", "continuation-token only supported in REST.GET.BUCKET with list-type=2"),
        ("start-after", "startAfter only supported in REST.GET.BUCKET with list-type=2"),
    ];

    /// <summary>V1: where the listing begins; it is repeated even where it was not sent.</summary>
    public string Marker { get; private init; } = "";

    /// <summary>V2: where the listing begins, if it was sent and counts.</summary>
    public string? StartAfter { get; private init; }

    /// <summary>V2: the token of the page, if it was sent.</summary>
    public string? ContinuationToken { get; private init; }

    public bool WithOwner { get; private init; }

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static ListObjectsRequest Read(QueryParameters query, Bucket bucket, bool isV2)
    {
        var maxKeys = CountParameter.Read(query, "max-keys", MaxEntries);
        foreach (var (parameter, refusal) in isV2 ? OnlyInV1 : OnlyInV2)
        {
            if (query.Has(parameter)) throw new S3Exception(S3Errors.InvalidArgument(refusal, parameter, value: null));
        }
        var encoding = ListEncoding.Parse(query.Find("encoding-type"));
        var token = query.Find("continuation-token");
        var position = token is null ? null : PageToken.Open(token, ListOf(bucket)) ?? throw new S3Exception(S3Errors.ContinuationToken);
        CountParameter.Require(maxKeys, "maxKeys", 0, int.MaxValue);

        // A token says more exactly than start-after where to go on.
        var startAfter = token is null ? query.Find("start-after") : null;
        var marker = query.Find("marker") ?? "";
        return new(new(query.Find("prefix") ?? "", query.Find("delimiter") ?? "", position ?? startAfter ?? marker, Math.Min(maxKeys, MaxEntries)), maxKeys, encoding)
        {
            Marker = marker,
            StartAfter = startAfter,
            ContinuationToken = token,
            WithOwner = !isV2 || "true".Equals(query.Find("fetch-owner"), StringComparison.OrdinalIgnoreCase),
        };
    }

    /// <summary>The token of the page behind this one.</summary>
    public static string Token(Bucket bucket, string position) => PageToken.Seal(position, ListOf(bucket));

    private static string ListOf(Bucket bucket) => $"objects of {bucket.Name}";
}
