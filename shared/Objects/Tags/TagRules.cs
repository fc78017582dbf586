using System.Text;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tags;

/// <summary>
/// What a set of tags is held to (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html, CostAllocTagging.html): keys of 1 to 128 characters and values of at most 256, counted as UTF-16 counts them,
/// of Unicode's letters, numbers and spaces and <c>+ - = . _ : / @</c>; each key once, and none that begins with <c>aws:</c>.
/// </summary>
/// <param name="MaxTags">How many there may be.</param>
/// <param name="TooMany">What more of them are answered with.</param>
/// <param name="Reserved">What a key that begins with <c>aws:</c> is answered with.</param>
public sealed record TagRules(int MaxTags, S3Error TooMany, Func<string, S3Error> Reserved)
{
    private const int MaxKeyLength = 128;
    private const int MaxValueLength = 256;
    private const string ReservedPrefix = "aws:";
    private const string Symbols = "_.:/=+-@";

    public static TagRules OfObject { get; } = new(10, TaggingErrors.TooManyOfObject, TaggingErrors.ReservedOnObject);

    public static TagRules OfBucket { get; } = new(50, TaggingErrors.TooManyOfBucket, TaggingErrors.ReservedOnBucket);

    /// <summary>Those of a bucket that is created with tags, where one error is another.</summary>
    public static TagRules OfNewBucket { get; } = OfBucket with { Reserved = _ => TaggingErrors.ReservedOnNewBucket };

    /// <summary>The tags by their keys, in the keys' order.</summary>
    /// <exception cref="S3Exception">BadRequest: there are too many; InvalidTag.</exception>
    public SortedDictionary<string, string> Check(IReadOnlyCollection<KeyValuePair<string, string>> tags)
    {
        if (tags.Count > MaxTags) throw new S3Exception(TooMany);
        var set = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            if (!set.TryAdd(key, value)) throw new S3Exception(TaggingErrors.DuplicateKey(key));
            if (key.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase)) throw new S3Exception(Reserved(key));
            if (key.Length is 0 or > MaxKeyLength || !IsOfAllowedCharacters(key)) throw new S3Exception(TaggingErrors.InvalidKey(key));
            if (value.Length > MaxValueLength || !IsOfAllowedCharacters(value)) throw new S3Exception(TaggingErrors.InvalidValue(key, value));
        }
        return set;
    }

    private static bool IsOfAllowedCharacters(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsLetter(rune) && !Rune.IsNumber(rune) && !Rune.IsSeparator(rune) && !Symbols.Contains(rune.ToString(), StringComparison.Ordinal)) return false;
        }
        return true;
    }
}
