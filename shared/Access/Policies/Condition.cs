using Microsoft.Extensions.Primitives;

namespace Serverless.Access;

/// <summary>How a condition treats a key that may have several values in the request.</summary>
internal enum ConditionSet
{
    /// <summary>No qualifier: one matching value is enough, or spoils a negated operator.</summary>
    None,

    /// <summary><c>ForAllValues</c>: each of the request's values must satisfy the operator; true where there are none.</summary>
    All,

    /// <summary><c>ForAnyValue</c>: one of the request's values must; false where there are none.</summary>
    Any,
}

/// <summary>
/// An operator, a key and its values in a statement's Condition, all of which must hold
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html,
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).
/// </summary>
internal sealed class Condition
{
    private readonly bool ifExists;

    private Condition(ConditionOperator comparison, ConditionSet set, bool ifExists, string key, IConditionTest[] tests)
    {
        Operator = comparison;
        Set = set;
        this.ifExists = ifExists;
        Key = key;
        Tests = tests;
    }

    public ConditionOperator Operator { get; }

    public ConditionSet Set { get; }

    /// <summary>The condition key, in lower case.</summary>
    public string Key { get; }

    /// <summary>The values, at least one.</summary>
    public IConditionTest[] Tests { get; }

    /// <summary>Whether a request must have the key for the condition to hold.</summary>
    public bool NeedsKey => !ifExists && !Operator.IsNegated && !Operator.IsNull && Set is not ConditionSet.All;

    /// <summary>The condition keys that it reads.</summary>
    public IEnumerable<string> Keys => Tests.OfType<Pattern>().SelectMany(pattern => pattern.Keys).Prepend(Key);

    /// <summary>The operator, the qualifier before it and whether IfExists stands behind it; null where the name is none.</summary>
    public static (ConditionOperator Operator, ConditionSet Set, bool IfExists)? ParseName(string name)
    {
        const string all = "ForAllValues:", any = "ForAnyValue:", suffix = "IfExists";
        var (set, rest) = name.StartsWith(all, StringComparison.Ordinal) ? (ConditionSet.All, name[all.Length..])
            : name.StartsWith(any, StringComparison.Ordinal) ? (ConditionSet.Any, name[any.Length..])
            : (ConditionSet.None, name);
        var ifExists = rest.EndsWith(suffix, StringComparison.Ordinal);
        var found = ConditionOperator.Find(ifExists ? rest[..^suffix.Length] : rest);
        // Null asks for the key itself: neither a qualifier nor IfExists has a meaning with it.
        return found is null || (found.IsNull && (ifExists || set is not ConditionSet.None)) ? null : (found, set, ifExists);
    }

    /// <param name="name">The operator as <see cref="ParseName"/> read it.</param>
    /// <param name="key">The condition key, in lower case.</param>
    /// <param name="tests">The values, at least one.</param>
    public static Condition Of((ConditionOperator Operator, ConditionSet Set, bool IfExists) name, string key, IConditionTest[] tests) =>
        new(name.Operator, name.Set, name.IfExists, key, tests);

    public bool Holds(IConditionKeys keys)
    {
        var found = keys.Find(Key);
        var values = found ?? StringValues.Empty;
        if (Operator.IsNull)
        {
            return MatchesAny(values.Count == 0 ? "true" : "false", keys);
        }
        if (found is null && ifExists)
        {
            return true;
        }
        if (IsEmpty(values))
        {
            return Set switch
            {
                ConditionSet.All => true,
                ConditionSet.Any => false,
                _ => Operator.IsNegated,
            };
        }
        return Set switch
        {
            ConditionSet.All => !Exists(values, keys, matching: Operator.IsNegated),
            ConditionSet.Any => Exists(values, keys, matching: !Operator.IsNegated),
            _ => Exists(values, keys, matching: true) != Operator.IsNegated,
        };
    }

    // For the qualifiers an empty string is no value (reference_policies_condition-single-vs-multi-valued-context-keys).
    private bool IsEmpty(StringValues values) => values.Count == 0 || (Set is not ConditionSet.None && values is [null or ""]);

    private bool Exists(StringValues values, IConditionKeys keys, bool matching)
    {
        foreach (var value in values)
        {
            if (MatchesAny(value ?? "", keys) == matching)
            {
                return true;
            }
        }
        return false;
    }

    private bool MatchesAny(string value, IConditionKeys keys)
    {
        foreach (var test in Tests)
        {
            if (test.Matches(value, keys))
            {
                return true;
            }
        }
        return false;
    }
}
