using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Keys;

/// <summary>The tags in requests (https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html).</summary>
internal static partial class KeyTags
{
    private const int MaxTags = 50;
    private const int MaxKeyLength = 128;
    private const int MaxValueLength = 256;
    private const string ReservedPrefix = "aws:";
    private const string Pattern = @"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";

    /// <summary>Reads and judges the member <c>Tags</c>; null when it is not there.</summary>
    /// <exception cref="KmsException">They break a rule.</exception>
    public static IReadOnlyList<KeyTag>? Read(KmsRequest request)
    {
        if (request.List("Tags") is not { } list)
        {
            return null;
        }

        var tags = new List<KeyTag>();
        foreach (KmsRequest tag in list)
        {
            string member = $"tags.{tags.Count + 1}.member";
            string key = tag.Text("TagKey", int.MaxValue) ?? throw new KmsException(KmsErrors.Missing($"{member}.tagKey"));
            string value = tag.Text("TagValue", int.MaxValue) ?? throw new KmsException(KmsErrors.Missing($"{member}.tagValue"));
            CheckKey(key, $"{member}.tagKey");
            KmsRequest.CheckLength(value, $"{member}.tagValue", 0, MaxValueLength);
            CheckCharacters(value, $"{member}.tagValue");
            tags.Add(new(key, value));
        }

        CheckNumber(tags);
        CheckReserved(tags.Select(tag => tag.Key));
        return tags.DistinctBy(tag => tag.Key).Count() == tags.Count ? tags : throw new KmsException(KmsErrors.Tag("Duplicate tag keys"));
    }

    /// <summary>Reads and judges the member <c>TagKeys</c>.</summary>
    /// <exception cref="KmsException">It is not there, or they break a rule.</exception>
    public static IReadOnlyList<string> ReadKeys(KmsRequest request)
    {
        IReadOnlyList<string> keys = request.Texts("TagKeys") ?? throw new KmsException(KmsErrors.Missing("tagKeys"));
        for (int i = 0; i < keys.Count; i++)
        {
            CheckKey(keys[i], $"tagKeys.{i + 1}.member");
        }

        CheckReserved(keys);
        return keys;
    }

    /// <summary>A key's tags with others added, or in the place of those of the same keys.</summary>
    /// <exception cref="KmsException">They are too many.</exception>
    public static IReadOnlyList<KeyTag> Put(IReadOnlyList<KeyTag> tags, IReadOnlyList<KeyTag> put)
    {
        KeyTag[] all = [.. put.UnionBy(tags, tag => tag.Key)];
        CheckNumber(all);
        return all;
    }

    /// <summary>Tags as audit records show them.</summary>
    public static JsonArray ToJson(IEnumerable<KeyTag> tags) =>
        [.. tags.Select(tag => new JsonObject { ["tagKey"] = tag.Key, ["tagValue"] = tag.Value })];

    private static void CheckKey(string key, string member)
    {
        KmsRequest.CheckLength(key, member, 1, MaxKeyLength);
        CheckCharacters(key, member);
    }

    private static void CheckCharacters(string text, string member)
    {
        if (!Characters().IsMatch(text))
        {
            throw new KmsException(KmsErrors.Pattern(text, member, Pattern));
        }
    }

    private static void CheckNumber(IReadOnlyCollection<KeyTag> tags)
    {
        if (tags.Count > MaxTags)
        {
            throw new KmsException(KmsErrors.Tag("Too many tags"));
        }
    }

    private static void CheckReserved(IEnumerable<string> keys)
    {
        if (keys.Any(key => key.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            throw new KmsException(KmsErrors.Tag("Tags beginning with aws: are reserved"));
        }
    }

    // Where a pattern that is shown ends with $, a line's end would pass behind it.
    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Characters();
}
