using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Access;

/// <summary>The tags, and keys of tags, of a request (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html).</summary>
internal static partial class IamTags
{
    /// <summary>How many tags a user, and a request, may have.</summary>
    public const int MaxTags = 50;

    private const int MaxKeyLength = 128;
    private const int MaxValueLength = 256;
    private const string ReservedPrefix = "aws:";
    private const string Pattern = @"[\p{L}\p{Z}\p{N}_.:/=+\-@]";
    private const string KeyConstraints =
        $"[Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: {Pattern}+, Member must not be null]";

    /// <summary>Tags, none where the member is not there; noted in <paramref name="parameters"/>.</summary>
    public static IReadOnlyList<UserTag> Read(QueryForm form, string name, JsonObject parameters)
    {
        var members = MembersOf(form, name);
        CheckCount(members.Count, name);
        var tags = new List<UserTag>();
        foreach (var (number, fields) in members)
        {
            var member = string.Create(CultureInfo.InvariantCulture, $"{name}.member.{number}");
            if (fields.Keys.Except(["Key", "Value"]).Any()) throw new AccessException(IamErrors.MalformedList(name));
            var tag = new UserTag(Field(fields, member, "Key"), Field(fields, member, "Value"));
            var shown = string.Create(CultureInfo.InvariantCulture, $"{IamRequest.Camel(name)}.{tags.Count + 1}.member");
            Check(tag.Key, $"{shown}.key", 1, MaxKeyLength, "+");
            Check(tag.Value, $"{shown}.value", 0, MaxValueLength, "*");
            tags.Add(tag);
        }
        parameters[IamRequest.Camel(name)] = new JsonArray([.. tags.Select(tag => new JsonObject { ["key"] = tag.Key, ["value"] = tag.Value })]);
        return tags.Any(tag => IsReserved(tag.Key)) ? throw new AccessException(IamErrors.ReservedTag)
            : tags.DistinctBy(tag => tag.Key, StringComparer.OrdinalIgnoreCase).Count() < tags.Count ? throw new AccessException(IamErrors.DuplicateTags)
            : tags;
    }

    /// <summary>Keys of tags; noted in <paramref name="parameters"/>.</summary>
    public static IReadOnlyList<string> ReadKeys(QueryForm form, string name, JsonObject parameters)
    {
        var members = MembersOf(form, name);
        CheckCount(members.Count, name);
        List<string> keys = [.. members.Values.Select(fields => fields.Count == 1 && fields.TryGetValue("", out var key) ? key : throw new AccessException(IamErrors.MalformedList(name)))];
        parameters[IamRequest.Camel(name)] = new JsonArray([.. keys.Select(key => JsonValue.Create(key))]);
        return keys.TrueForAll(key => key.Length is > 0 and <= MaxKeyLength && Characters().IsMatch(key))
            ? keys
            : throw new AccessException(IamErrors.Constraint(IamRequest.Camel(name), "Member must satisfy constraint: " + KeyConstraints));
    }

    private static bool IsReserved(string key) => key.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>A list's members by their number, each with its fields by name; a plain value's name is "".</summary>
    private static SortedDictionary<int, Dictionary<string, string>> MembersOf(QueryForm form, string name)
    {
        var members = new SortedDictionary<int, Dictionary<string, string>>();
        // A client's empty list is an empty value.
        if (form.Find(name) is { Length: > 0 }) throw new AccessException(IamErrors.MalformedList(name));
        foreach (var (path, value) in form.Members(name))
        {
            if (MemberName().Match(path) is not { Success: true } match) throw new AccessException(IamErrors.MalformedList(name));
            var number = int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            if (!members.TryGetValue(number, out var fields)) members[number] = fields = [];
            fields[match.Groups[2].Value] = value;
        }
        return members;
    }

    private static string Field(Dictionary<string, string> fields, string member, string name) =>
        fields.TryGetValue(name, out var value) ? value : throw new AccessException(IamErrors.MissingParameter($"{member}.{name}"));

    private static void CheckCount(int count, string name)
    {
        if (count > MaxTags)
        {
            throw new AccessException(IamErrors.Constraint(IamRequest.Camel(name), $"Member must have length less than or equal to {MaxTags}"));
        }
    }

    private static void Check(string text, string member, int least, int most, string repetition)
    {
        IamRequest.CheckLength(text, member, least, most);
        if (!Characters().IsMatch(text))
        {
            throw new AccessException(IamErrors.Constraint(member, $"Member must satisfy regular expression pattern: {Pattern}{repetition}"));
        }
    }

    [GeneratedRegex($"^{Pattern}*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Characters();

    [GeneratedRegex(@"^member\.([1-9][0-9]{0,8})(?:\.([A-Za-z]+))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex MemberName();
}
