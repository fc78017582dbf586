using System.Xml.Linq;

namespace Serverless.Access;

/// <summary>A page of a list (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html). A marker is the key of the last item before it.</summary>
/// <param name="Items">The items.</param>
/// <param name="Next">The marker of the next page, or null.</param>
internal sealed record IamPage<T>(IReadOnlyList<T> Items, string? Next)
{
    /// <summary>Takes a page from a list that is at hand.</summary>
    /// <param name="all">The list, as far as the page reaches and one item more.</param>
    /// <param name="keyOf">What the items are in ordinal order of.</param>
    /// <param name="marker">Where the page begins: behind that key. Null for the first.</param>
    /// <param name="maxItems">The most items.</param>
    public static IamPage<T> Of(IEnumerable<T> all, Func<T, string> keyOf, string? marker, int maxItems)
    {
        List<T> items = [.. all.Where(item => marker is null || string.CompareOrdinal(keyOf(item), marker) > 0)
            .OrderBy(keyOf, StringComparer.Ordinal).Take(maxItems + 1)];
        return items.Count <= maxItems ? new(items, null) : new(items[..maxItems], keyOf(items[maxItems - 1]));
    }

    /// <summary>The result of a listing operation.</summary>
    public IReadOnlyList<XElement> ToResult(string listName, Func<T, object> contentOf)
    {
        List<XElement> result =
        [
            new(listName, Items.Select(item => new XElement("member", contentOf(item)))),
            new("IsTruncated", Next is not null),
        ];
        if (Next is not null)
        {
            result.Add(new("Marker", Next));
        }
        return result;
    }
}
