using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Access;

/// <summary>
/// A request's parameters, read member by member, held to the constraints of IAM's model, and noted for the audit trail
/// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Types.html).
/// </summary>
internal sealed partial class IamRequest(QueryForm form, IamCall call)
{
    /// <summary>The longest name of a new user; an existing one's may be asked for by more.</summary>
    private const int MaxNewName = 64;
    private const int MaxName = 128;
    private const int MaxPath = 512;
    private const int MaxMarker = 320;
    private const int MinAccessKeyId = 16;
    private const int MaxAccessKeyId = 128;
    private const int DefaultItems = 100;
    private const int MaxItemsLimit = 1000;

    private const string NotNull = "Member must not be null";

    /// <summary>The user that an operation is about; null where the caller is meant.</summary>
    public string? UserName => Name("UserName", MaxName);

    public string RequiredUserName => UserName ?? throw Missing("UserName");

    public string PolicyName => Name("PolicyName", MaxName) ?? throw Missing("PolicyName");

    public string? NewName(string name) => Name(name, MaxNewName);

    public string RequiredNewName(string name) => NewName(name) ?? throw Missing(name);

    public string? Path(string name)
    {
        var path = Text(name, 1, MaxPath);
        return path is null || PathPattern().IsMatch(path) ? path : throw new AccessException(IamErrors.InvalidPath(Camel(name)));
    }

    /// <summary>The beginning of the paths that are listed; <c>/</c> lists all.</summary>
    public string PathPrefix => Matching("PathPrefix", 1, MaxPath, PathPrefixPattern(), @"\u002F[\u0021-\u007F]*") ?? "/";

    public string AccessKeyId => Matching("AccessKeyId", MinAccessKeyId, MaxAccessKeyId, WordPattern(), @"[\w]+") ?? throw Missing("AccessKeyId");

    /// <summary>The status that an access key is to have: whether it is active.</summary>
    public bool IsActive => Text("Status", 0, int.MaxValue) switch
    {
        "Active" => true,
        "Inactive" => false,
        null => throw Missing("Status"),
        _ => throw Constraint("Status", "Member must satisfy enum value set: [Active, Inactive]"),
    };

    public string PolicyDocument
    {
        get
        {
            var document = Text("PolicyDocument", 1, QueryForm.MaxBodySize) ?? throw Missing("PolicyDocument");
            return DocumentPattern().IsMatch(document) ? document : throw new AccessException(IamErrors.InvalidDocument("policyDocument"));
        }
    }

    /// <summary>Where a page begins: behind what the marker names.</summary>
    public string? Marker => Matching("Marker", 1, MaxMarker, MarkerPattern(), @"[\u0020-\u00FF]+");

    public int MaxItems
    {
        get
        {
            if (Text("MaxItems", 0, int.MaxValue) is not { } text)
            {
                return DefaultItems;
            }
            return !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var items)
                ? throw new AccessException(IamErrors.MalformedNumber("MaxItems"))
                : items < 1 ? throw Constraint("MaxItems", "Member must have value greater than or equal to 1")
                : items > MaxItemsLimit ? throw Constraint("MaxItems", $"Member must have value less than or equal to {MaxItemsLimit}")
                : (int)items;
        }
    }

    public IReadOnlyList<UserTag> Tags
    {
        get
        {
            if (form.Has("Tags"))
            {
                call.Tags = IamTags.Read(form, "Tags", call.Parameters);
                call.TagKeys = [.. call.Tags.Select(tag => tag.Key)];
            }
            return call.Tags;
        }
    }

    public IReadOnlyList<UserTag> RequiredTags => form.Has("Tags") ? Tags : throw Missing("Tags");

    public IReadOnlyList<string> TagKeys => form.Has("TagKeys") ? call.TagKeys = IamTags.ReadKeys(form, "TagKeys", call.Parameters) : throw Missing("TagKeys");

    /// <summary>IAM's name of a member in errors and records: in lower camel case.</summary>
    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>Checks a text's length in characters.</summary>
    public static void CheckLength(string text, string member, int least, int most)
    {
        if (text.Length < least || text.Length > most)
        {
            throw new AccessException(IamErrors.Constraint(member,
                text.Length < least ? $"Member must have length greater than or equal to {least}" : $"Member must have length less than or equal to {most}"));
        }
    }

    private string? Name(string name, int maxLength)
    {
        var text = Text(name, 0, maxLength);
        return text is null || NamePattern().IsMatch(text) ? text : throw new AccessException(IamErrors.InvalidName(Camel(name)));
    }

    private string? Matching(string name, int least, int most, Regex pattern, string shownPattern)
    {
        var text = Text(name, least, most);
        return text is null || pattern.IsMatch(text) ? text : throw Constraint(name, "Member must satisfy regular expression pattern: " + shownPattern);
    }

    private string? Text(string name, int least, int most)
    {
        if (form.Find(name) is not { } text)
        {
            return null;
        }
        call.Parameters[Camel(name)] = JsonValue.Create(text);
        CheckLength(text, Camel(name), least, most);
        return text;
    }

    private static AccessException Missing(string name) => Constraint(name, NotNull);

    private static AccessException Constraint(string name, string constraint) => new(IamErrors.Constraint(Camel(name), constraint));

    // Java's \w, and so IAM's, is ASCII.
    [GeneratedRegex(@"^[A-Za-z0-9_+=,.@-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^(/|/[\u0021-\u007E]+/)\z", RegexOptions.CultureInvariant)]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"^/[\u0021-\u007F]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PathPrefixPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"^[\u0009\u000A\u000D\u0020-\u00FF]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex DocumentPattern();

    [GeneratedRegex(@"^[\u0020-\u00FF]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex MarkerPattern();
}
