using CsCheck;
using Microsoft.Extensions.Primitives;

namespace Serverless.Access.Tests;

/// <summary>Wildcards and variables of actions, resources and values.</summary>
public sealed class PatternTests
{
    private static readonly Gen<string> Text = Choice.Of("a", "b", "B", ":", "/", "😀", "\ud83d").Array[0, 8].Select(string.Concat);

    private static readonly Gen<string> PatternText = Choice.Of("a", "b", "B", ":", "/", "😀", "*", "*", "?").Array[0, 8].Select(string.Concat);

    [Fact]
    public void Wildcards_match_as_a_simple_definition_says() =>
        Gen.Select(PatternText, Text, Gen.Bool).Sample((pattern, text, ignoreCase) =>
            Parse(pattern, ignoreCase ? PatternKind.WildcardIgnoreCase : PatternKind.Wildcard).Matches(text, NoConditionKeys.Instance)
            == (ignoreCase ? Defines(pattern.ToUpperInvariant(), text.ToUpperInvariant()) : Defines(pattern, text)), iter: 10_000);

    [Fact]
    public void Without_wildcards_a_pattern_matches_itself_alone() =>
        Gen.Select(PatternText, PatternText).Sample((pattern, text) =>
            Parse(pattern, PatternKind.Exact).Matches(text, NoConditionKeys.Instance) == (pattern == text)
            && Parse(pattern, PatternKind.IgnoreCase).Matches(text, NoConditionKeys.Instance) == pattern.Equals(text, StringComparison.OrdinalIgnoreCase), iter: 10_000);

    [Fact]
    public void No_pattern_takes_more_steps_than_the_product_of_the_lengths() =>
        Gen.Select(Choice.Of("a", "b", "*", "?", "*a", "?*", "*?").Array[0, 60].Select(string.Concat), Choice.Of('a', 'b').Array[0, 300])
            .Sample((pattern, text) =>
            {
                int[] symbols = [.. pattern.Select(symbol => symbol switch { '*' => WildcardMatch.AnyRun, '?' => WildcardMatch.AnyOne, _ => symbol })];
                WildcardMatch.Matches(symbols, text, ignoreCase: false, out var steps);
                return steps <= (symbols.Length + 1L) * (text.Length + 1);
            });

    [Fact]
    public void A_pattern_made_to_be_slow_is_not()
    {
        int[] pattern = [.. Enumerable.Repeat<int[]>([WildcardMatch.AnyRun, 'a'], 500).SelectMany(pair => pair), 'b'];
        Assert.False(WildcardMatch.Matches(pattern, new string('a', 1000), ignoreCase: false, out var steps));
        Assert.InRange(steps, 1, 1_002_001);
    }

    [Fact]
    public void An_ARN_matches_part_by_part() =>
        Gen.Select(Choice.Of("a", "b", "*", "?", "*b").Array[6], Choice.Of("a", "b", "", "ab").Array[6], Choice.Of("", ":a", "/b")).Sample((pattern, text, rest) =>
            Parse(string.Join(':', pattern), PatternKind.Arn).Matches(string.Join(':', text) + rest, NoConditionKeys.Instance)
            == (pattern[..5].Zip(text, Defines).All(matches => matches) && Defines(pattern[5], text[5] + rest)), iter: 10_000);

    [Theory]
    [InlineData("arn:aws:sqs", "arn:aws:sqs:us-east-1:111122223333:queue", true)]
    [InlineData("arn:aws:sqs", "arn:aws:sqs:us-east-1:111122223333", false)]
    [InlineData("arn:aws:s*", "arn:aws:s3:::bucket/key", true)]
    [InlineData("arn:aws:s3:*", "arn:aws:s3:::bucket/key", true)]
    [InlineData("arn:aws:s3:::bucket", "arn:aws:s3:::bucket/key", false)]
    [InlineData("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false)]
    [InlineData("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a:b:c/d", true)]
    [InlineData("arn:aws:s3:::bucket/a*c", "arn:aws:s3:::bucket/a:b:c", true)]
    [InlineData("arn:aws:iam::*:user/a", "arn:aws:iam::1:x:user/a", false)]
    [InlineData("*", "*", false)]
    public void An_ARN_matches(string pattern, string text, bool matches) =>
        Assert.Equal(matches, Parse(pattern, PatternKind.Arn).Matches(text, NoConditionKeys.Instance));

    [Fact]
    public void A_variables_value_is_compared_character_by_character_whatever_it_contains()
    {
        var values = Choice.Of("a", "*", "?", "${*}", "${aws:username}", "$", "{", "}", ":", "/", "😀").Array[0, 4].Select(string.Concat);
        Gen.Select(values, values, Choice.Of(PatternKind.Exact, PatternKind.Wildcard, PatternKind.IgnoreCase)).Sample((value, text, kind) =>
        {
            var keys = new Ask.Keys(("aws:username", value));
            var pattern = Parse("x${aws:username}-${aws:username}y", kind);
            return pattern.Matches($"x{text}-{text}y", keys) == (text == value)
                && Parse("arn:aws:s3:::b/${aws:username}/c", PatternKind.Arn).Matches($"arn:aws:s3:::b/{text}/c", keys) == (text == value);
        }, iter: 10_000);
    }

    [Fact]
    public void Wildcards_beside_a_variable_keep_their_meaning() =>
        Gen.Select(Text, Text, Text).Sample((value, before, after) =>
            Parse("*${aws:username}*", PatternKind.Wildcard).Matches(before + value + after, new Ask.Keys(("aws:username", value))));

    [Theory]
    [InlineData("${*}${?}${$}", "*?$", true)]
    [InlineData("${*}", "x", false)]
    [InlineData("${$}{aws:username}", "${aws:username}", true)]
    [InlineData("$a{b}", "$a{b}", true)]
    [InlineData("${aws:username}", "alice", true)]
    [InlineData("${AWS:UserName}", "alice", true)]
    [InlineData("${aws:username}", "${aws:username}", false)]
    [InlineData("${aws:userid}", "", false)]
    [InlineData("${aws:userid}*", "anything", false)]
    [InlineData("${aws:userid, 'nobody'}", "nobody", true)]
    [InlineData("${aws:userid,'no*}'}", "no*}", true)]
    [InlineData("${aws:userid, 'no*'}", "nobody", false)]
    [InlineData("${aws:userid, ''}-", "-", true)]
    [InlineData("${aws:username, 'nobody'}", "alice", true)]
    [InlineData("${aws:username, 'nobody'}", "nobody", false)]
    [InlineData("${aws:tagkeys}", "a", false)]
    public void A_variable_takes_the_requests_value_or_its_default(string pattern, string text, bool matches)
    {
        var keys = new Ask.Keys(("aws:username", "alice"), ("aws:tagkeys", new StringValues(["a", "b"])));
        Assert.Equal(matches, Parse(pattern, PatternKind.Wildcard).Matches(text, keys));
        Assert.Equal(matches, Parse($"arn:aws:s3:::b/{pattern}", PatternKind.Arn).Matches($"arn:aws:s3:::b/{text}", keys));
    }

    [Theory]
    [InlineData("${")]
    [InlineData("a${aws:username")]
    [InlineData("${}")]
    [InlineData("${aws:username, nobody}")]
    [InlineData("${aws:username, 'nobody}")]
    [InlineData("${aws:username, '}")]
    [InlineData("${${aws:username}}")]
    public void A_malformed_variable_is_none(string pattern) => Assert.Null(Pattern.TryParse(pattern, PatternKind.Wildcard, hasVariables: true));

    [Fact]
    public void Before_2012_there_are_no_variables()
    {
        var pattern = Pattern.TryParse("${aws:username}", PatternKind.Wildcard, hasVariables: false)!;
        Assert.True(pattern.Matches("${aws:username}", new Ask.Keys(("aws:username", "alice"))));
        Assert.Empty(pattern.Keys);
    }

    private static Pattern Parse(string text, PatternKind kind) => Pattern.TryParse(text, kind, hasVariables: true)!;

    private static bool Defines(string pattern, string text) =>
        pattern.Length == 0 ? text.Length == 0
        : pattern[0] == '*' ? Enumerable.Range(0, text.Length + 1).Any(skipped => Defines(pattern[1..], text[skipped..]))
        : text.Length > 0 && (pattern[0] == '?' ? Defines(pattern[1..], text[CharacterLength(text)..]) : pattern[0] == text[0] && Defines(pattern[1..], text[1..]));

    private static int CharacterLength(string text) => text.Length > 1 && char.IsSurrogatePair(text[0], text[1]) ? 2 : 1;
}
