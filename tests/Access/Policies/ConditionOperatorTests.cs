using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Serverless.Access.Tests;

/// <summary>Every operator of conditions, with and without a value in the request, alone and with IfExists, ForAnyValue and ForAllValues.</summary>
public sealed class ConditionOperatorTests
{
    /// <summary>The operators whose condition holds where nothing matches.</summary>
    private static readonly string[] Negated =
        ["StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericNotEquals", "DateNotEquals", "NotIpAddress", "ArnNotEquals", "ArnNotLike"];

    /// <summary>An operator, a policy's value, a request's value that matches it, and one that does not ("matches" before negation).</summary>
    public static TheoryData<string, string, string, string> Comparisons => new()
    {
        { "StringEquals", "Abc", "Abc", "abc" },
        { "StringEquals", "a*", "a*", "ab" },
        { "StringEquals", "", "", "a" },
        { "StringNotEquals", "Abc", "Abc", "abc" },
        { "StringEqualsIgnoreCase", "Straße", "STRAßE", "strasse" },
        { "StringEqualsIgnoreCase", "a?c", "A?C", "abc" },
        { "StringNotEqualsIgnoreCase", "Abc", "aBC", "abcd" },
        { "StringLike", "a*c", "abbbc", "abbbcd" },
        { "StringLike", "a?c", "aéc", "ac" },
        { "StringLike", "a?c", "a😀c", "abbc" },
        { "StringLike", "A*", "Ab", "ab" },
        { "StringLike", "**b*", "ab", "a" },
        { "StringNotLike", "home/*", "home/x", "house/x" },
        { "NumericEquals", "10", "1e1", "11" },
        { "NumericEquals", "10.50", "10.5", "ten" },
        { "NumericNotEquals", "10", "10", "nine" },
        { "NumericLessThan", "10", "9.99", "10" },
        { "NumericLessThanEquals", "10", "10", "10.01" },
        { "NumericGreaterThan", "10", "10.01", "10" },
        { "NumericGreaterThanEquals", "-1", "-1", "-2" },
        { "NumericLessThan", "10", "9", "0x5" },
        { "DateEquals", "2026-11-24T12:00:00Z", "2026-11-24T13:00:00+01:00", "2026-11-24T12:00:01Z" },
        { "DateEquals", "2026-11-24", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00.001Z" },
        { "DateEquals", "1800000000", "2027-01-15T08:00:00Z", "1800000001" },
        { "DateNotEquals", "2026-11-24T12:00Z", "2026-11-24T12:00:00Z", "soon" },
        { "DateLessThan", "2026-12", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z" },
        { "DateLessThanEquals", "2026-12-01", "2026-12-01T00:00:00Z", "2026-12-01T00:00:01Z" },
        { "DateGreaterThan", "2026-11-24T12:00:00.5Z", "2026-11-24T12:00:01Z", "2026-11-24T12:00:00Z" },
        { "DateGreaterThanEquals", "2026-11-24T12:00:00", "2026-11-24T12:00:00Z", "2026-11-24T11:59:59Z" },
        { "Bool", "true", "true", "false" },
        { "Bool", "FALSE", "false", "no" },
        { "BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NQ==" },
        { "BinaryEquals", "AA==", "AA==", "not base64" },
        { "IpAddress", "203.0.113.0/24", "203.0.113.255", "203.0.114.0" },
        { "IpAddress", "203.0.113.77/25", "203.0.113.1", "203.0.113.128" },
        { "IpAddress", "203.0.113.7", "203.0.113.7", "203.0.113.8" },
        { "IpAddress", "0.0.0.0/0", "8.8.8.8", "::1" },
        { "IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678:ffff::1", "2001:db8:1234:5679::" },
        { "IpAddress", "2001:db8::1", "2001:db8::1", "2001:db8::2" },
        { "IpAddress", "10.0.0.0/8", "::ffff:10.1.2.3", "unknown" },
        { "NotIpAddress", "192.0.2.0/24", "192.0.2.1", "198.51.100.1" },
        { "ArnEquals", "arn:aws:sns:*:111122223333:topic-?", "arn:aws:sns:us-east-1:111122223333:topic-a", "arn:aws:sns:us-east-1:111122223333:topic-ab" },
        { "ArnEquals", "arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:user/A" },
        {
            // The guide's own example of what a string operator would let through.
            "ArnLike", "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:111122223333:finance/a:b", "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
        },
        { "ArnLike", "arn:aws:s3", "arn:aws:s3:::bucket/key", "arn:aws:s4:::bucket/key" },
        { "ArnLike", "*", "arn:aws:s3:::bucket", "bucket" },
        { "ArnNotEquals", "arn:aws:iam::*:user/a", "arn:aws:iam::1:user/a", "arn:aws:iam::1:2:user/a" },
        { "ArnNotLike", "arn:*:iam::1:root", "arn:aws:iam::1:root", "arn:aws:iam::2:root" },
    };

    [Theory]
    [MemberData(nameof(Comparisons))]
    public void An_operator_compares(string name, string value, string matching, string other)
    {
        var (same, different) = Negated.Contains(name) ? (false, true) : (true, false);
        Assert.Equal(same, Holds(name, value, matching));
        Assert.Equal(different, Holds(name, value, other));
        // Several values of the policy: one that matches is enough, or spoils a negated operator.
        Assert.Equal(same, Holds(name, [AnotherValue(name), value], matching));
        Assert.Equal(different, Holds(name, [AnotherValue(name), value], other));
        foreach (var suffix in (string[])["", "IfExists"])
        {
            Assert.Equal(same, Holds(name + suffix, value, matching));
            Assert.Equal(different, Holds(name + suffix, value, other));
            // An empty string is no value for the qualifiers.
            if (matching.Length > 0)
            {
                Assert.Equal(same, Holds("ForAllValues:" + name + suffix, value, new StringValues([matching, matching])));
                Assert.Equal(same, Holds("ForAnyValue:" + name + suffix, value, matching));
                Assert.False(Holds("ForAllValues:" + name + suffix, value, new StringValues([matching, other])));
                Assert.True(Holds("ForAnyValue:" + name + suffix, value, new StringValues([matching, other])));
                Assert.Equal(different, Holds("ForAllValues:" + name + suffix, value, new StringValues([other, other])));
                Assert.Equal(different, Holds("ForAnyValue:" + name + suffix, value, new StringValues([other, other])));
            }
        }
    }

    public static IEnumerable<object[]> Operators => Comparisons.DistinctBy(row => row[0]).Select(row => row[..2]);

    [Theory]
    [MemberData(nameof(Operators))]
    public void A_key_that_the_request_does_not_have_satisfies_negated_operators_and_IfExists_and_ForAllValues(string name, string value)
    {
        Assert.Equal(Negated.Contains(name), Holds(name, value, null));
        Assert.True(Holds(name + "IfExists", value, null));
        Assert.True(Holds("ForAllValues:" + name, value, null));
        Assert.True(Holds("ForAllValues:" + name + "IfExists", value, null));
        Assert.False(Holds("ForAnyValue:" + name, value, null));
        Assert.True(Holds("ForAnyValue:" + name + "IfExists", value, null));
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void A_key_without_a_value_is_judged_as_there_and_empty(string name, string value)
    {
        Assert.Equal(Negated.Contains(name), Holds(name, value, StringValues.Empty));
        Assert.Equal(Negated.Contains(name), Holds(name + "IfExists", value, StringValues.Empty));
        foreach (var empty in (StringValues[])[StringValues.Empty, ""])
        {
            Assert.True(Holds("ForAllValues:" + name, value, empty));
            Assert.False(Holds("ForAnyValue:" + name, value, empty));
            Assert.False(Holds("ForAnyValue:" + name + "IfExists", value, empty));
        }
    }

    [Fact]
    public void Null_asks_whether_the_key_is_there()
    {
        Assert.True(Holds("Null", "true", null));
        Assert.True(Holds("Null", "true", StringValues.Empty));
        Assert.False(Holds("Null", "true", "x"));
        Assert.False(Holds("Null", "true", ""));
        Assert.True(Holds("Null", "false", "x"));
        Assert.False(Holds("Null", "false", null));
        Assert.True(Holds("Null", ["true", "false"], null));
        Assert.True(Holds("Null", ["true", "false"], "x"));
    }

    [Fact]
    public void Several_keys_and_several_operators_must_all_hold()
    {
        var policy = Ask.UserPolicy("""
            { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
                "StringEquals": { "s3:prefix": ["a", "b"], "s3:delimiter": "/" },
                "NumericLessThan": { "s3:max-keys": 10 } } }
            """);
        Assert.Equal(PolicyVerdict.Allows, Evaluate(("s3:prefix", "b"), ("s3:delimiter", "/"), ("s3:max-keys", "9")));
        Assert.Equal(PolicyVerdict.None, Evaluate(("s3:prefix", "c"), ("s3:delimiter", "/"), ("s3:max-keys", "9")));
        Assert.Equal(PolicyVerdict.None, Evaluate(("s3:prefix", "a"), ("s3:delimiter", "-"), ("s3:max-keys", "9")));
        Assert.Equal(PolicyVerdict.None, Evaluate(("s3:prefix", "a"), ("s3:delimiter", "/"), ("s3:max-keys", "10")));
        Assert.Equal(PolicyVerdict.None, Evaluate(("s3:prefix", "a"), ("s3:max-keys", "9")));

        PolicyVerdict Evaluate(params (string, StringValues)[] keys) => policy.Evaluate(Ask.Get(Ask.Alice, keys));
    }

    [Fact]
    public void Numbers_and_Booleans_need_no_quotation_marks()
    {
        Assert.True(HoldsJson("NumericEquals", "10", "10"));
        Assert.True(HoldsJson("NumericEquals", "[1, 2.5]", "2.5"));
        Assert.True(HoldsJson("Bool", "true", "true"));
        Assert.False(HoldsJson("Bool", "[false]", "true"));
    }

    private static bool Holds(string name, string value, StringValues? found) => Holds(name, [value], found);

    private static bool Holds(string name, string[] values, StringValues? found) => HoldsJson(name, JsonSerializer.Serialize(values), found);

    private static bool HoldsJson(string name, string values, StringValues? found)
    {
        var policy = Ask.UserPolicy($$"""{ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { "{{name}}": { "aws:TagKeys": {{values}} } } }""");
        return policy.Evaluate(found is { } value ? Ask.Get(Ask.Alice, ("aws:TagKeys", value)) : Ask.Get(Ask.Alice)) is PolicyVerdict.Allows;
    }

    // One of the operator's kind that is equal to none in the table.
    private static string AnotherValue(string name) =>
        name.StartsWith("String", StringComparison.Ordinal) ? "another"
        : name.StartsWith("Date", StringComparison.Ordinal) ? Ordered(name, "1990-01-01", "2090-01-01")
        : name.StartsWith("Numeric", StringComparison.Ordinal) ? Ordered(name, "-1000", "1000")
        : name.StartsWith("Arn", StringComparison.Ordinal) ? "arn:aws:another:::x"
        : name.EndsWith("IpAddress", StringComparison.Ordinal) ? "255.255.255.255"
        : name == "Bool" ? "true"
        : "////";

    private static string Ordered(string name, string low, string high) => name.Contains("Less", StringComparison.Ordinal) ? low : high;
}
