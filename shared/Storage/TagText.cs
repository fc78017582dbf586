namespace Serverless.Storage;

/// <summary>
/// Tags as one property: a key, its value, the next key and so on, with a line's end between them. No tag holds one and no key is empty; and 50 tags of 384 characters fit a property
/// of 64 KiB, which as JSON, with their spaces of other scripts escaped, they would not.
/// </summary>
internal static class TagText
{
    private const char Separator = '\n';

    public static string Join(IEnumerable<(string Key, string Value)> tags) => string.Join(Separator, tags.SelectMany(tag => (string[])[tag.Key, tag.Value]));

    public static IEnumerable<(string Key, string Value)> Split(string text) =>
        text.Length == 0 ? [] : text.Split(Separator).Chunk(2).Select(tag => (tag[0], tag[1]));
}
