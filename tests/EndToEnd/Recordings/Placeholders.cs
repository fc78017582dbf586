using System.Text;
using System.Text.RegularExpressions;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Recordings;

/// <summary>
/// Recordings have their account, Regions and ids replaced. Account and Regions stand for those of these tests; any other placeholder, such as
/// <c>&lt;uuid:1&gt;</c>, stands for what the test gives it or what the first answer shows in its place, and then for the same everywhere.
/// </summary>
internal sealed partial class Placeholders
{
    private readonly Dictionary<string, string> _known = new()
    {
        ["<partition>"] = "aws",
        ["<region>"] = TestAccount.Region,
        ["<region_1>"] = TestAccount.Region,
        ["<region_2>"] = TestAccount.OtherRegion,
    };

    public string this[string placeholder]
    {
        get => _known[placeholder];
        set => _known[placeholder] = value;
    }

    /// <summary>Whether an answer's text is the recorded one.</summary>
    public bool Match(string recorded, string? actual)
    {
        if (actual is null) return false;
        var pattern = new StringBuilder("^");
        List<string> unknown = [];
        var at = 0;
        foreach (Match placeholder in Placeholder().Matches(recorded))
        {
            pattern.Append(Literal(recorded[at..placeholder.Index]));
            if (_known.TryGetValue(placeholder.Value, out var value)) pattern.Append(Regex.Escape(value));
            else
            {
                pattern.Append("(.+)");
                unknown.Add(placeholder.Value);
            }
            at = placeholder.Index + placeholder.Length;
        }
        var match = Regex.Match(actual, pattern.Append(Literal(recorded[at..])).Append('$').ToString(), RegexOptions.Singleline);
        for (var i = 0; match.Success && i < unknown.Count; i++) _known[unknown[i]] = match.Groups[i + 1].Value;
        return match.Success;
    }

    private static string Literal(string text) => Regex.Escape(text.Replace("111111111111", TestAccount.Id, StringComparison.Ordinal));

    [GeneratedRegex("<[A-Za-z0-9_-]+(:[0-9]+)?>")]
    private static partial Regex Placeholder();
}
