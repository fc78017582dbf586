using CsCheck;
using Serverless.Objects.Cors;

namespace Serverless.Objects.Tests.Cors;

public class CorsRuleTests
{
    [Theory]
    [InlineData("*", "https://any.test", true)]
    [InlineData("*", "null", true)]
    [InlineData("https://a.test", "https://a.test", true)]
    [InlineData("https://a.test", "https://a.test:443", false)]
    [InlineData("https://a.test", "http://a.test", false)]
    [InlineData("https://a.test", "https://a.test/", false)]
    [InlineData("https://a.test", "https://A.test", false)]
    [InlineData("https://a.test", "https://a.test.evil.test", false)]
    [InlineData("https://*.a.test", "https://b.a.test", true)]
    [InlineData("https://*.a.test", "https://c.b.a.test", true)]
    [InlineData("https://*.a.test", "https://a.test", false)]
    [InlineData("https://*.a.test", "https://evila.test", false)]
    [InlineData("https://*.a.test", "https://b.a.test.evil.test", false)]
    [InlineData("*suffix", "foo.suffix", true)]
    [InlineData("*suffix", "foo.suffix.get", false)]
    [InlineData("start*end", "startend", true)]
    [InlineData("start*end", "start12end", true)]
    [InlineData("start*end", "0start12end", false)]
    [InlineData("ab*ba", "aba", false)]
    [InlineData("prefix*", "prefix", true)]
    [InlineData("prefix*", "bla.prefix", false)]
    [InlineData("null", "null", true)]
    [InlineData("", "https://a.test", false)]
    // What a regular expression, or a file name pattern, would take for more than it is.
    [InlineData("https://a.test", "https://aXtest", false)]
    [InlineData("https://?.test", "https://a.test", false)]
    public void An_origin_is_matched_by_its_text(string pattern, string origin, bool matches) =>
        Assert.Equal(matches, new CorsRule([pattern], ["GET"]).Allows(new(origin, "GET", [])));

    [Theory]
    [InlineData("x-amz-*", "x-amz-acl", true)]
    [InlineData("X-AMZ-acl", "x-amz-acl", true)]
    [InlineData("x-amz-*", "authorization", false)]
    [InlineData("*", "authorization", true)]
    public void A_header_is_matched_whatever_its_case(string pattern, string header, bool matches) =>
        Assert.Equal(matches, new CorsRule(["*"], ["GET"]) { AllowedHeaders = [pattern] }.Allows(new("o", "GET", [header])));

    [Fact]
    public void Without_allowed_headers_none_may_be_asked_for()
    {
        Assert.False(new CorsRule(["*"], ["GET"]).Allows(new("o", "GET", ["a"])));
        Assert.True(new CorsRule(["*"], ["GET"]).Allows(new("o", "GET", [])));
        Assert.False(new CorsRule(["*"], ["GET"]) { AllowedHeaders = ["a"] }.Allows(new("o", "GET", ["a", "b"])));
    }

    [Fact]
    public void Only_a_rule_for_every_origin_answers_all_alike()
    {
        Assert.Equal("*", new CorsRule(["https://a.test", "*"], ["GET"]).AnswerTo("https://a.test"));
        Assert.Equal("https://a.test", new CorsRule(["https://*"], ["GET"]).AnswerTo("https://a.test"));
    }

    [Fact]
    public void A_pattern_matches_just_what_begins_and_ends_as_it_does() =>
        Gen.Select(Gen.String[Gen.Char["ab*"], 0, 6], Gen.String[Gen.Char["ab"], 0, 8]).Where(pair => pair.Item1.Count(c => c == '*') <= 1).Sample((pattern, text) =>
        {
            var places = Enumerable.Range(0, text.Length + 1).ToList();
            var expected = pattern.Split('*') is [var before, var behind]
                ? places.Any(i => places.Any(j => i <= j && text[..i] == before && text[j..] == behind))
                : pattern == text;
            return new CorsRule([pattern], ["GET"]).Allows(new(text, "GET", [])) == expected;
        });
}
