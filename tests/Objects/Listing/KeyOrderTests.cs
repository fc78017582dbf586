using System.Text;
using CsCheck;
using Serverless.Objects.Listing;

namespace Serverless.Objects.Tests;

public class KeyOrderTests
{
    private static readonly Gen<string> Keys = AwkwardKeys.Texts(0, 6);

    [Fact]
    public void The_order_is_that_of_the_UTF8_bytes() => Gen.Select(Keys, Keys).Sample((a, b) =>
        Assert.Equal(Math.Sign(Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))), Math.Sign(KeyOrder.Instance.Compare(a, b))), iter: 100_000);

    [Fact]
    public void Between_a_key_and_what_is_after_it_there_is_no_other() => Gen.Select(Keys, Keys).Sample((key, other) =>
        Assert.Equal(KeyOrder.Instance.Compare(other, key) > 0, KeyOrder.Instance.Compare(other, KeyOrder.After(key)) >= 0), iter: 100_000);

    [Fact]
    public void Between_the_keys_of_a_prefix_and_what_is_after_it_there_is_no_other() => Gen.Select(AwkwardKeys.Texts(0, 3), Keys).Sample((prefix, other) =>
    {
        var next = KeyOrder.AfterPrefix(prefix);
        var isBehind = !other.StartsWith(prefix, StringComparison.Ordinal) && KeyOrder.Instance.Compare(other, prefix) > 0;
        Assert.Equal(isBehind, next is not null && KeyOrder.Instance.Compare(other, next) >= 0);
    }, iter: 100_000);

    [Theory]
    [InlineData("a/", "a0")]
    [InlineData("a\uD7FF", "a\uE000")]
    [InlineData("a\uFFFF", "a\U00010000")]
    [InlineData("a\U0010FFFF\U0010FFFF", "b")]
    [InlineData("\U0010FFFF", null)]
    [InlineData("", null)]
    public void What_is_after_a_prefix_is(string prefix, string? expected) => Assert.Equal(expected, KeyOrder.AfterPrefix(prefix));
}
