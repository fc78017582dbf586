using System.Collections;

namespace Serverless.Access;

/// <summary>
/// The fields of a browser's upload form that come before its file (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html). Names are taken in any letter
/// case; fields of one name are one, their values joined by commas: whoever judges a field judges what is used of it.
/// </summary>
public sealed class FormFields : IEnumerable<KeyValuePair<string, string>>
{
    private const string FileNameVariable = "${filename}";

    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    public void Add(string name, string value) => values[name] = values.TryGetValue(name, out var earlier) ? $"{earlier},{value}" : value;

    /// <summary>A field's value; null where there is no such field.</summary>
    public string? Find(string name) => values.GetValueOrDefault(name);

    /// <summary>The fields with the file's name in place of <c>${filename}</c>, without the path that it may have.</summary>
    /// <param name="fileName">The name; null where the file has none, so that the variable stays as it is (recorded).</param>
    public FormFields WithFileName(string? fileName)
    {
        if (fileName is null)
        {
            return this;
        }
        var name = fileName[(fileName.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        var expanded = new FormFields();
        foreach (var field in values)
        {
            expanded.Add(field.Key, field.Value.Replace(FileNameVariable, name, StringComparison.Ordinal));
        }
        return expanded;
    }

    /// <summary>Every field once, under its name as it was first written.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
