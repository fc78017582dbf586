using System.Text.Json;

namespace Serverless.Access;

/// <summary>Takes a document's JSON apart, and refuses what has not the form that its place demands.</summary>
internal sealed class PolicyElements(PolicyRules rules)
{
    public JsonElement Required(Dictionary<string, JsonElement> elements, string name) =>
        elements.TryGetValue(name, out var value) ? value : throw rules.Missing(name);

    /// <summary>An object's elements, each but once and all of them known.</summary>
    public Dictionary<string, JsonElement> Elements(JsonElement json, string[] known)
    {
        var elements = Elements(json, "");
        return elements.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown ? throw rules.UnknownElement(unknown) : elements;
    }

    /// <summary>An object's elements, each but once.</summary>
    /// <param name="json">The object.</param>
    /// <param name="owner">What it is called in messages.</param>
    /// <param name="normalize">Makes equal what means the same name.</param>
    public Dictionary<string, JsonElement> Elements(JsonElement json, string owner, Func<string, string>? normalize = null)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            throw rules.Syntax($"{owner} must be an object.");
        }
        var elements = new Dictionary<string, JsonElement>();
        foreach (var property in json.EnumerateObject())
        {
            if (!elements.TryAdd(normalize is null ? property.Name : normalize(property.Name), property.Value))
            {
                throw rules.Syntax($"{PolicyException.Quote(property.Name)} occurs more than once.");
            }
        }
        return elements;
    }

    public string String(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.String ? json.GetString()! : throw rules.Syntax($"{name} must be a string.");

    /// <summary>One string, or a list of at least one.</summary>
    public string[] Strings(JsonElement json, string name) => List(json, name, item => String(item, name));

    /// <summary>The values of a condition key, numbers and Booleans as they are written.</summary>
    public string[] ConditionValues(JsonElement json, string key) => List(json, PolicyException.Quote(key), item => item.ValueKind switch
    {
        JsonValueKind.String => item.GetString()!,
        JsonValueKind.Number => item.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw rules.Syntax($"{PolicyException.Quote(key)} must be a string, a number, a Boolean or a list of them."),
    });

    private string[] List(JsonElement json, string name, Func<JsonElement, string> read)
    {
        string[] items = json.ValueKind is JsonValueKind.Array ? [.. json.EnumerateArray().Select(read)] : [read(json)];
        return items.Length > 0 ? items : throw rules.Syntax($"{name} must not be an empty list.");
    }
}
