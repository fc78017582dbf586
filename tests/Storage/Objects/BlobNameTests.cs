using System.Text;
using CsCheck;
using Serverless.Objects.Api;
using Serverless.Objects.Listing;

namespace Serverless.Storage.Tests;

public class BlobNameTests
{
    /// <summary>Characters that the mapping treats specially, their neighbours, and the borders of UTF-8's and UTF-16's orders.</summary>
    private static readonly string[] Characters =
    [
        "\u0000", "\u0001", "\t", "\n", "\u001F", " ", "!", "\"", "#", "%", "%2F", "+", "-", ".", "/", "0", "1", "?", "A", "[", "\\", "]", "^", "a", "~",
        "\u007F", "\u0080", "\u009F", "\u00A0", "\u00A1", "é", "\uD7FE", "\uD7FF", "\uE000", "\uFFFC", "\uFFFD", "\uFFFE", "\uFFFF", "😀", "\U0010FFFF",
    ];

    private static readonly Gen<string> Awkward = Gen.Int[0, Characters.Length - 1].Select(i => Characters[i]);

    internal static readonly Gen<string> Keys = Awkward.Array[1, 12].Select(string.Concat);

    [Fact]
    public void A_name_gives_its_key_back() => Keys.Sample(key => Assert.Equal(key, BlobName.ToKey(BlobName.FromKey(key))), iter: 200_000);

    [Fact]
    public void Names_of_different_keys_differ_and_keep_the_order_of_the_keys_UTF8_bytes() =>
        Gen.Select(Keys, Keys).Sample((first, second) =>
        {
            var order = Math.Sign(Encoding.UTF8.GetBytes(first).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(second)));
            var (a, b) = (BlobName.FromKey(first), BlobName.FromKey(second));
            Assert.Equal(order, Math.Sign(string.CompareOrdinal(a, b)));
            Assert.Equal(order, Math.Sign(Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))));
        }, iter: 400_000);

    [Fact]
    public void A_lower_bound_parts_the_names_of_the_keys_before_it_from_the_others() =>
        Gen.Select(Keys, Gen.OneOf(Keys, Awkward.Array[0, 12].Select(string.Concat))).Sample((key, from) =>
        {
            var (name, bound) = (BlobName.FromKey(key), BlobName.LowerBound(from));
            Assert.Equal(KeyOrder.Instance.Compare(key, from) >= 0, string.CompareOrdinal(name, bound) >= 0);
            Assert.Equal(KeyOrder.Instance.Compare(key, from) >= 0, KeyOrder.Instance.Compare(name, bound) >= 0);
        }, iter: 200_000);

    [Fact]
    public void A_lower_bound_is_no_longer_than_a_name_and_before_those_of_all_keys_from_its_own_on()
    {
        foreach (var character in (string[])["k", "\u0001", "😀"])
        {
            var from = string.Concat(Enumerable.Repeat(character, 1500));
            var bound = BlobName.LowerBound(from);
            Assert.InRange(bound.Length, 1023, 1024);
            Assert.False(char.IsHighSurrogate(bound[^1]));
            Assert.True(string.CompareOrdinal(bound, BlobName.FromKey(KeyOrder.AfterPrefix(character)!)) < 0);
        }
    }

    [Fact]
    public void A_common_prefix_of_names_gives_that_of_their_keys() => Keys.Sample(key =>
    {
        var (slash, nameSlash) = (0, 0);
        var name = BlobName.FromKey(key);
        while ((slash = key.IndexOf('/', slash) + 1) > 0)
        {
            nameSlash = name.IndexOf('/', nameSlash) + 1;
            Assert.Equal(key[..slash], BlobName.ToKeyPrefix(name[..nameSlash]));
        }
    }, iter: 100_000);

    [Fact]
    public void A_name_of_no_key_gives_none() => Gen.OneOf(Keys, Awkward.Array[1, 12].Select(string.Concat)).Sample(name =>
    {
        if (BlobName.ToKey(name) is { } key) Assert.Equal(name, BlobName.FromKey(key));
        if (BlobName.ToKeyPrefix(name) is { } prefix) Assert.Equal(name, BlobName.FromKeyPrefix(prefix));
    }, iter: 200_000);

    [Fact]
    public void A_name_holds_nothing_that_a_client_or_the_store_rewrites_or_refuses() => Keys.Sample(key =>
    {
        var name = BlobName.FromKey(key);
        Assert.DoesNotContain(name, c => char.IsControl(c) || c is '\\' or '\uFFFE' or '\uFFFF');
        Assert.All(name.Split('/'), segment =>
        {
            Assert.NotEmpty(segment);
            Assert.False(segment.EndsWith('.'));
        });
        Assert.Equal(Uri.UnescapeDataString(new Uri("http://host/c/" + Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal)).AbsolutePath), "/c/" + name);
    }, iter: 200_000);

    [Fact]
    public void A_prefix_of_a_key_gives_a_prefix_of_its_name() =>
        Gen.Select(Awkward.Array[0, 6].Select(string.Concat), Awkward.Array[1, 6].Select(string.Concat)).Sample((prefix, rest) =>
            Assert.StartsWith(BlobName.FromKeyPrefix(prefix), BlobName.FromKey(prefix + rest), StringComparison.Ordinal), iter: 200_000);

    [Fact]
    public void A_key_with_a_slash_keeps_it_where_a_delimiter_splits() =>
        Keys.Sample(key => Assert.Equal(key.Count(c => c == '/'), BlobName.FromKey(key).Count(c => c == '/')), iter: 50_000);

    [Theory]
    [InlineData("photos/2026/a.jpg", "photos/2026/a.jpg")]
    [InlineData("two words", "two words")]
    [InlineData("a//b", "a/0 /b")]
    [InlineData("a/", "a/  !")]
    [InlineData("a/0", "a/0!")]
    [InlineData("a/0x", "a/0x")]
    [InlineData("10", "10")]
    [InlineData("./..", ".0 /..  !")]
    [InlineData("C:\\x", "C:] x")]
    [InlineData("\u0001", "  01")]
    public void The_written_form_is(string key, string name) => Assert.Equal(name, BlobName.FromKey(key));

    [Fact]
    public void A_key_of_1024_ordinary_characters_is_taken_and_one_whose_name_is_longer_is_refused()
    {
        Assert.Equal(1024, BlobName.FromKey(new string('k', 1024)).Length);
        Assert.Equal("KeyTooLongError", Assert.Throws<S3Exception>(() => BlobName.FromKey(new string('\u0001', 512))).Error.Code);
    }

    [Fact]
    public void A_key_of_more_segments_than_the_store_takes_is_refused() =>
        Assert.Equal("KeyTooLongError", Assert.Throws<S3Exception>(() => BlobName.FromKey(string.Concat(Enumerable.Repeat("a/", 254)) + "a")).Error.Code);
}
