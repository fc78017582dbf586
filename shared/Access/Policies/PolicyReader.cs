using System.Text.Json;

namespace Serverless.Access;

/// <summary>
/// Reads a document by the grammar (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html) and the rules of its kind.
/// Strict: what is unknown, repeated, of a wrong type or empty is refused, never passed over.
/// </summary>
internal sealed class PolicyReader
{
    private static readonly string[] DocumentElements = ["Version", "Id", "Statement"];

    private static readonly string[] StatementElements =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

    private readonly PolicyRules rules;
    private readonly PolicyElements json;
    private readonly HashSet<string> sids = [];
    private bool hasVariables;

    private PolicyReader(PolicyRules rules)
    {
        this.rules = rules;
        json = new(rules);
    }

    /// <exception cref="PolicyException">The document is refused.</exception>
    public static Statement[] Read(string text, PolicyRules rules)
    {
        rules.CheckText(text);
        try
        {
            using var document = JsonDocument.Parse(text);
            return new PolicyReader(rules).ReadDocument(document.RootElement);
        }
        // A half of a surrogate pair: in the document itself, or as an escape in a name or a string.
        catch (Exception malformed) when (malformed is JsonException or ArgumentException or InvalidOperationException)
        {
            throw rules.NotJson();
        }
    }

    private Statement[] ReadDocument(JsonElement root)
    {
        if (root.ValueKind is not JsonValueKind.Object)
        {
            throw rules.NotJson();
        }
        var elements = json.Elements(root, DocumentElements);
        if (elements.TryGetValue("Version", out var version))
        {
            hasVariables = version.ValueKind is JsonValueKind.String && version.GetString() is "2012-10-17" or "2008-10-17"
                ? version.ValueEquals("2012-10-17")
                : throw rules.Version();
        }
        if (elements.TryGetValue("Id", out var id))
        {
            json.String(id, "Id");
        }
        JsonElement[] statements = json.Required(elements, "Statement") switch
        {
            { ValueKind: JsonValueKind.Object } one => [one],
            { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray()],
            _ => throw rules.Syntax("Statement must be an object or a list of objects."),
        };
        return statements.Length > 0 ? [.. statements.Select(ReadStatement)] : throw rules.EmptyStatement();
    }

    private Statement ReadStatement(JsonElement element)
    {
        if (element.ValueKind is not JsonValueKind.Object)
        {
            throw rules.Syntax("Statement must be an object or a list of objects.");
        }
        var elements = json.Elements(element, StatementElements);
        rules.CheckSid(elements.TryGetValue("Sid", out var sid) ? json.String(sid, "Sid") : null, sids);
        var effect = json.String(json.Required(elements, "Effect"), "Effect");
        var statement = new Statement(
            effect is "Allow" or "Deny" ? effect is "Allow" : throw rules.Effect(effect),
            ReadPrincipal(elements),
            ReadPatterns(elements, "Action", PatternKind.WildcardIgnoreCase, rules.CheckAction),
            ReadPatterns(elements, "Resource", PatternKind.Arn, rules.CheckResource),
            elements.TryGetValue("Condition", out var condition) ? ReadConditions(condition) : []);
        rules.CheckStatement(statement);
        return statement;
    }

    private PrincipalElement? ReadPrincipal(Dictionary<string, JsonElement> elements)
    {
        if (!rules.HasPrincipals)
        {
            return elements.ContainsKey("Principal") || elements.ContainsKey("NotPrincipal") ? throw rules.Principal() : null;
        }
        var (value, isNegated) = OneOf(elements, "Principal");
        if (value.ValueKind is JsonValueKind.String)
        {
            return value.ValueEquals("*") ? new(isNegated, [("AWS", "*")]) : throw rules.Principal();
        }
        if (value.ValueKind is not JsonValueKind.Object)
        {
            throw rules.Principal();
        }
        var kinds = json.Elements(value, "Principal");
        if (kinds.Count == 0 || !kinds.Keys.All(PrincipalElement.Kinds.Contains))
        {
            throw rules.Principal();
        }
        (string Kind, string Name)[] names = [.. kinds.SelectMany(kind => json.Strings(kind.Value, kind.Key).Select(name => (kind.Key, name)))];
        return names.All(name => PrincipalElement.IsWellFormed(name.Kind, name.Name)) ? new(isNegated, names) : throw rules.Principal();
    }

    private PatternSet ReadPatterns(Dictionary<string, JsonElement> elements, string element, PatternKind kind, Action<string> check)
    {
        var (value, isNegated) = OneOf(elements, element);
        if (value is { ValueKind: JsonValueKind.Array } && value.GetArrayLength() == 0)
        {
            throw rules.Missing(element);
        }
        return new([.. json.Strings(value, element).Select(text => ReadPattern(text, kind, check))], isNegated);
    }

    // Variables are for what follows the fifth colon of a resource
    // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-resourceelement).
    private Pattern ReadPattern(string text, PatternKind kind, Action<string> check)
    {
        check(text);
        if (kind is not PatternKind.Arn)
        {
            return Pattern.TryParse(text, kind, hasVariables: false)!;
        }
        var pattern = Pattern.TryParse(text, kind, hasVariables) ?? throw rules.Resource(text);
        if (pattern.Keys.Any() && text[..text.IndexOf("${", StringComparison.Ordinal)].Count(character => character == ':') < 5)
        {
            throw rules.Resource(text);
        }
        CheckVariables(pattern);
        return pattern;
    }

    private Condition[] ReadConditions(JsonElement element)
    {
        var conditions = new List<Condition>();
        foreach (var (name, keys) in json.Elements(element, "Condition"))
        {
            var comparison = Condition.ParseName(name) ?? throw rules.Operator(name);
            foreach (var (key, values) in json.Elements(keys, name, key => key.ToLowerInvariant()))
            {
                if (!Knows(key))
                {
                    throw rules.ConditionKey(key);
                }
                conditions.Add(Condition.Of(comparison, key, [.. json.ConditionValues(values, key).Select(value => ReadTest(comparison.Operator, key, value))]));
            }
        }
        return [.. conditions];
    }

    private IConditionTest ReadTest(ConditionOperator comparison, string key, string value)
    {
        var test = comparison.ParseTest(value, hasVariables) ?? throw rules.ConditionValue(comparison.Name, key, value);
        CheckVariables(test);
        return test;
    }

    private void CheckVariables(IConditionTest test)
    {
        foreach (var key in test is Pattern pattern ? pattern.Keys : [])
        {
            if (!Knows(key) || ConditionKeyTable.Find(key) is { IsMultivalued: true })
            {
                throw rules.Syntax($"There is no policy variable ${{{PolicyException.Quote(key)}}}.");
            }
        }
    }

    // Other services' keys, where the rules allow them, cannot be judged: no request here has them.
    private bool Knows(string key) =>
        rules.Knows(key) && (ConditionKeyTable.Find(key) is not null || !ConditionKeyTable.Covers(ConditionKeyTable.ServiceOf(key)));

    private (JsonElement Value, bool IsNegated) OneOf(Dictionary<string, JsonElement> elements, string name)
    {
        var isNegated = elements.TryGetValue("Not" + name, out var negated);
        return isNegated && elements.ContainsKey(name) ? throw rules.Syntax($"{name} and Not{name} exclude each other.")
            : isNegated ? (negated, true)
            : (json.Required(elements, name), false);
    }
}
