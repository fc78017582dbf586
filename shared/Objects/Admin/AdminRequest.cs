using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Objects.Admin;

/// <summary>A request's JSON, read member by member; a member that is null counts as left out.</summary>
public readonly struct AdminRequest
{
    /// <summary>The largest body, in bytes; the largest that makes sense has a page's token.</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly JsonElement members;

    private AdminRequest(JsonElement members) => this.members = members;

    /// <summary>Reads a body.</summary>
    /// <exception cref="AdminException">It is not a JSON object whose members have each their own name.</exception>
    public static AdminRequest Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            // Looking for duplicates decodes every name, which fails for one that is not well-formed Unicode.
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind == JsonValueKind.Object) return new(document.RootElement.Clone());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }
        throw new AdminException(AdminErrors.NotAnObject);
    }

    /// <summary>Refuses members that the operation does not take.</summary>
    public void AllowOnly(string operation, IReadOnlyCollection<string> names)
    {
        if (members.EnumerateObject().Any(member => !names.Contains(member.Name))) throw new AdminException(AdminErrors.UnknownMember(operation, names));
    }

    /// <summary>The named members that are there, as a record's requestParameters.</summary>
    public JsonObject ToParameters(IEnumerable<string> names)
    {
        var parameters = new JsonObject();
        foreach (var name in names)
            if (Find(name) is { } value) parameters[Camel(name)] = JsonNode.Parse(value.GetRawText());
        return parameters;
    }

    /// <param name="maxLength">In UTF-16 units.</param>
    public string RequiredText(string name, int maxLength) => Text(name, maxLength) ?? throw new AdminException(AdminErrors.Missing(name));

    /// <summary>A text of at least one character, or null.</summary>
    /// <param name="maxLength">In UTF-16 units.</param>
    public string? Text(string name, int maxLength)
    {
        if (Find(name, JsonValueKind.String) is not { } element) return null;
        var text = Decode(element);
        return text.Length == 0 ? throw new AdminException(AdminErrors.Constraint(text, name, "Member must have length greater than or equal to 1"))
            : text.Length > maxLength ? throw new AdminException(AdminErrors.Constraint(text, name, $"Member must have length less than or equal to {maxLength}"))
            : text;
    }

    public long? Integer(string name, long least, long most)
    {
        if (Find(name, JsonValueKind.Number) is not { } element) return null;
        if (!element.TryGetInt64(out var value)) throw new AdminException(AdminErrors.WrongType(name));
        var shown = value.ToString(CultureInfo.InvariantCulture);
        return value < least ? throw new AdminException(AdminErrors.Constraint(shown, name, $"Member must have value greater than or equal to {least}"))
            : value > most ? throw new AdminException(AdminErrors.Constraint(shown, name, $"Member must have value less than or equal to {most}"))
            : value;
    }

    /// <summary>A time, given in seconds since 1970, to the millisecond; or null.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Find(name, JsonValueKind.Number) is not { } element) return null;
        return element.TryGetDouble(out var seconds) && seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000))
            : throw new AdminException(AdminErrors.WrongType(name));
    }

    /// <summary>A member's name as errors and audit records show it.</summary>
    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private JsonElement? Find(string name) => members.TryGetProperty(name, out var element) && element.ValueKind != JsonValueKind.Null ? element : null;

    private JsonElement? Find(string name, JsonValueKind kind) =>
        Find(name) is not { } element ? null
        : element.ValueKind == kind ? element
        : throw new AdminException(AdminErrors.WrongType(name));

    // A lone surrogate is valid JSON, but no text.
    private static string Decode(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new AdminException(AdminErrors.NotUnicode);
        }
    }
}
