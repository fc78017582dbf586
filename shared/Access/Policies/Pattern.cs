using System.Buffers;

namespace Serverless.Access;

/// <summary>How a <see cref="Pattern"/> is compared.</summary>
internal enum PatternKind
{
    /// <summary>Character by character; <c>*</c> and <c>?</c> are characters like any other.</summary>
    Exact,

    /// <summary>As <see cref="Exact"/>, upper and lower case being equal.</summary>
    IgnoreCase,

    /// <summary>With wildcards.</summary>
    Wildcard,

    /// <summary>With wildcards, upper and lower case being equal.</summary>
    WildcardIgnoreCase,

    /// <summary>With wildcards, part by part of an ARN.</summary>
    Arn,
}

/// <summary>
/// A string of a policy, compiled: its wildcards and variables are told from its characters once. The value of a variable is compared character by character,
/// whatever it contains: it is never itself a wildcard or a variable.
/// </summary>
internal sealed class Pattern : IConditionTest
{
    private const int FirstVariable = -3;

    private readonly PatternKind kind;
    private readonly int[] symbols;
    private readonly PolicyVariable[] variables;

    private Pattern(string text, PatternKind kind, int[] symbols, PolicyVariable[] variables)
    {
        Text = text;
        this.kind = kind;
        this.symbols = symbols;
        this.variables = variables;
    }

    /// <summary>The string as the policy has it.</summary>
    public string Text { get; }

    /// <summary>The condition keys whose values it takes, in lower case.</summary>
    public IEnumerable<string> Keys => variables.Select(variable => variable.Key);

    /// <summary>Whether it is the same for every request, and without a wildcard character.</summary>
    public bool IsFixed => variables.Length == 0 && !Text.AsSpan().ContainsAny('*', '?');

    private bool IgnoresCase => kind is PatternKind.IgnoreCase or PatternKind.WildcardIgnoreCase;

    /// <param name="text">The string as the policy has it.</param>
    /// <param name="kind">How it is compared.</param>
    /// <param name="hasVariables">Whether the document's version has variables.</param>
    /// <returns>Null where a variable is malformed. Whether its key is known is not judged.</returns>
    public static Pattern? TryParse(string text, PatternKind kind, bool hasVariables)
    {
        var hasWildcards = kind is PatternKind.Wildcard or PatternKind.WildcardIgnoreCase or PatternKind.Arn;
        var ignoresCase = kind is PatternKind.IgnoreCase or PatternKind.WildcardIgnoreCase;
        var symbols = new List<int>(text.Length);
        var variables = new List<PolicyVariable>();
        for (var at = 0; at < text.Length; at++)
        {
            if (hasVariables && text.AsSpan(at).StartsWith("${"))
            {
                var end = PolicyVariable.End(text, at + 2);
                if (end < 0)
                {
                    return null;
                }
                var name = text[(at + 2)..end];
                if (name is "*" or "?" or "$")
                {
                    symbols.Add(name[0]);
                }
                else if (PolicyVariable.TryParse(name, out var variable))
                {
                    symbols.Add(FirstVariable - variables.Count);
                    variables.Add(variable);
                }
                else
                {
                    return null;
                }
                at = end;
            }
            else
            {
                symbols.Add(text[at] switch
                {
                    '*' when hasWildcards => WildcardMatch.AnyRun,
                    '?' when hasWildcards => WildcardMatch.AnyOne,
                    var other => ignoresCase ? char.ToUpperInvariant(other) : other,
                });
            }
        }
        return new(text, kind, [.. symbols], [.. variables]);
    }

    /// <summary>Whether a request's value matches. A variable without a value matches nothing.</summary>
    public bool Matches(string value, IConditionKeys keys)
    {
        if (variables.Length == 0)
        {
            return Matches(symbols, value);
        }
        var buffer = ArrayPool<int>.Shared.Rent(symbols.Length + value.Length);
        try
        {
            var length = Expand(value.Length, keys, buffer);
            return length >= 0 && Matches(buffer.AsSpan(0, length), value);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(buffer);
        }
    }

    private bool Matches(ReadOnlySpan<int> pattern, string value) =>
        kind is PatternKind.Arn ? ArnMatch.Matches(pattern, value) : WildcardMatch.Matches(pattern, value, IgnoresCase);

    // -1 where a variable has no value, and where the variables' values are longer than what they must match: so nothing grows with them.
    private int Expand(int valueLength, IConditionKeys keys, Span<int> expanded)
    {
        var (length, fromVariables) = (0, 0);
        foreach (var symbol in symbols)
        {
            if (symbol > FirstVariable)
            {
                expanded[length++] = symbol;
            }
            else
            {
                var text = variables[FirstVariable - symbol].Resolve(keys);
                fromVariables += text?.Length ?? 0;
                if (text is null || fromVariables > valueLength)
                {
                    return -1;
                }
                foreach (var character in text)
                {
                    expanded[length++] = IgnoresCase ? char.ToUpperInvariant(character) : character;
                }
            }
        }
        return length;
    }
}
