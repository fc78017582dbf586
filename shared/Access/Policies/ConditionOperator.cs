using System.Collections.Frozen;

namespace Serverless.Access;

/// <summary>Compiles a value of a condition.</summary>
/// <param name="text">The value.</param>
/// <param name="hasVariables">Whether the document's version has variables.</param>
/// <returns>Null where the operator does not take such a value.</returns>
internal delegate IConditionTest? ConditionTestParser(string text, bool hasVariables);

/// <summary>A comparison that conditions can make (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).</summary>
/// <param name="Name">Its name; case counts.</param>
/// <param name="IsNegated">Whether the condition holds where no value matches, and so also for a key that the request does not have.</param>
/// <param name="ParseTest">Compiles one value.</param>
internal sealed record ConditionOperator(string Name, bool IsNegated, ConditionTestParser ParseTest)
{
    private static readonly FrozenDictionary<string, ConditionOperator> All = new ConditionOperator[]
    {
        new("StringEquals", false, Text(PatternKind.Exact)),
        new("StringNotEquals", true, Text(PatternKind.Exact)),
        new("StringEqualsIgnoreCase", false, Text(PatternKind.IgnoreCase)),
        new("StringNotEqualsIgnoreCase", true, Text(PatternKind.IgnoreCase)),
        new("StringLike", false, Text(PatternKind.Wildcard)),
        new("StringNotLike", true, Text(PatternKind.Wildcard)),
        new("NumericEquals", false, Number(sign => sign == 0)),
        new("NumericNotEquals", true, Number(sign => sign == 0)),
        new("NumericLessThan", false, Number(sign => sign < 0)),
        new("NumericLessThanEquals", false, Number(sign => sign <= 0)),
        new("NumericGreaterThan", false, Number(sign => sign > 0)),
        new("NumericGreaterThanEquals", false, Number(sign => sign >= 0)),
        new("DateEquals", false, Date(sign => sign == 0)),
        new("DateNotEquals", true, Date(sign => sign == 0)),
        new("DateLessThan", false, Date(sign => sign < 0)),
        new("DateLessThanEquals", false, Date(sign => sign <= 0)),
        new("DateGreaterThan", false, Date(sign => sign > 0)),
        new("DateGreaterThanEquals", false, Date(sign => sign >= 0)),
        new("Bool", false, Truth),
        new("BinaryEquals", false, (text, _) => BinaryValue.TryParse(text)),
        new("IpAddress", false, (text, _) => AddressRange.TryParse(text)),
        new("NotIpAddress", true, (text, _) => AddressRange.TryParse(text)),
        new("ArnEquals", false, Arn),
        new("ArnNotEquals", true, Arn),
        new("ArnLike", false, Arn),
        new("ArnNotLike", true, Arn),
        new(NullName, false, (text, _) => Truth(text, hasVariables: false)),
    }.ToFrozenDictionary(known => known.Name);

    private const string NullName = "Null";

    /// <summary>Whether it asks for the key's absence instead of its value.</summary>
    public bool IsNull => Name == NullName;

    public static ConditionOperator? Find(string name) => All.GetValueOrDefault(name);

    private static ConditionTestParser Text(PatternKind kind) => (text, hasVariables) => Pattern.TryParse(text, kind, hasVariables);

    private static ConditionTestParser Number(Func<int, bool> accepts) => (text, _) => OrderedValue.Number(text, accepts);

    private static ConditionTestParser Date(Func<int, bool> accepts) => (text, _) => OrderedValue.Date(text, accepts);

    private static Pattern? Truth(string text, bool hasVariables) =>
        Pattern.TryParse(text, PatternKind.IgnoreCase, hasVariables) is { } pattern
        && (pattern.Keys.Any() || bool.TryParse(text, out _)) ? pattern : null;

    // A pattern that could be no ARN would never match: it is a mistake.
    private static Pattern? Arn(string text, bool hasVariables) =>
        Pattern.TryParse(text, PatternKind.Arn, hasVariables) is { } pattern
        && (pattern.Keys.Any() || text.StartsWith("arn:", StringComparison.Ordinal) || text.StartsWith('*')) ? pattern : null;
}
