using System.Text.RegularExpressions;

namespace Serverless.Keys;

/// <summary>The tags of a CreateKey request (https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html).</summary>
internal static partial class KeyTags
{
    private const int MaxTags = 50;
    private const int MaxKeyLength = 128;
    private const int MaxValueLength = 256;
    private const string ReservedPrefix = "aws:";
    private const string Pattern = @"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";

    /// <summary>Reads and judges them.</summary>
    /// <exception cref="KmsException">They break a rule.</exception>
    public static IReadOnlyList<KeyTag> Read(KmsRequest request)
    {
        var tags = new List<KeyTag>();
        foreach (KmsRequest tag in request.List("Tags"))
        {
            string member = $"tags.{tags.Count + 1}.member";
            string key = tag.Text("TagKey", int.MaxValue) ?? throw new KmsException(KmsErrors.Missing($"{member}.tagKey"));
            string value = tag.Text("TagValue", int.MaxValue) ?? throw new KmsException(KmsErrors.Missing($"{member}.tagValue"));
            KmsRequest.CheckLength(key, $"{member}.tagKey", 1, MaxKeyLength);
            KmsRequest.CheckLength(value, $"{member}.tagValue", 0, MaxValueLength);
            CheckCharacters(key, $"{member}.tagKey");
            CheckCharacters(value, $"{member}.tagValue");
            tags.Add(new(key, value));
        }

        if (tags.Count > MaxTags)
        {
            throw new KmsException(KmsErrors.Tag("Too many tags"));
        }

        if (tags.Any(tag => tag.Key.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            throw new KmsException(KmsErrors.Tag("Tags beginning with aws: are reserved"));
        }

        return tags.DistinctBy(tag => tag.Key).Count() == tags.Count ? tags : throw new KmsException(KmsErrors.Tag("Duplicate tag keys"));
    }

    private static void CheckCharacters(string text, string member)
    {
        if (!Characters().IsMatch(text))
        {
            throw new KmsException(KmsErrors.Constraint(text, member, $"Member must satisfy regular expression pattern: {Pattern}"));
        }
    }

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant)]
    private static partial Regex Characters();
}
