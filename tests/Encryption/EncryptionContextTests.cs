using System.Text;
using CsCheck;

namespace Serverless.Encryption.Tests;

public class EncryptionContextTests
{
    [Fact]
    public void The_canonical_form_is_count_then_length_prefixed_pairs()
    {
        EncryptionContext context = Context(("key", "é"), ("a", ""));
        Assert.Equal<byte>([0, 0, 0, 2, 0, 0, 0, 1, (byte)'a', 0, 0, 0, 0, 0, 0, 0, 3, .. "key"u8, 0, 0, 0, 2, .. "é"u8], context.ToCanonical());
        Assert.Equal<byte>([0, 0, 0, 0], EncryptionContext.Empty.ToCanonical());
    }

    [Fact]
    public void Moving_a_letter_from_key_to_value_makes_another_context()
    {
        Assert.NotEqual(Context(("ab", "c")).ToCanonical(), Context(("a", "bc")).ToCanonical());
        Assert.NotEqual(Context(("ab", "c")), Context(("a", "bc")));
        Assert.NotEqual(Context(("a", "b"), ("c", "d")), Context(("a", "d"), ("c", "b")));
    }

    [Fact]
    public void Order_does_not_matter()
    {
        EncryptionContext one = Context(("x", "1"), ("y", "2")), other = Context(("y", "2"), ("x", "1"));
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.Equal(one.ToCanonical(), other.ToCanonical());
    }

    [Fact]
    public void Pairs_are_in_the_order_of_their_keys_UTF_8_bytes()
    {
        // In UTF-16 the emoji's surrogates come before U+FF5E; in UTF-8 it comes after.
        Assert.Equal(["", "B", "a", "ab", "é", "～", "😀"], Context(("😀", ""), ("～", ""), ("é", ""), ("ab", ""), ("a", ""), ("B", ""), ("", "")).Pairs.Keys);

        // An alphabet from both sides of the surrogates; well-formed by construction.
        string[] alphabet = ["a", "b", "é", "\uD7FF", "\uE000", "\uFFFD", "\U00010000", "😀", "😁", "\U0010FFFF"];
        Gen<string> text = Gen.Int[0, alphabet.Length - 1].Array[0, 4].Select(letters => string.Concat(letters.Select(letter => alphabet[letter])));
        text.Array[0, 8].Sample(keys =>
        {
            string[] distinct = [.. keys.Distinct(StringComparer.Ordinal)];
            string[] expected = [.. distinct.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal)];
            return Context([.. distinct.Select(key => (key, "value"))]).Pairs.Keys.SequenceEqual(expected);
        });
    }

    [Fact]
    public void With_adds_a_pair_and_leaves_the_original_alone()
    {
        EncryptionContext one = Context(("a", "1")), two = one.With("b", "2");
        Assert.Equal(Context(("a", "1"), ("b", "2")), two);
        Assert.Single(one.Pairs);
        Assert.Equal("2", two.Pairs["b"]);
    }

    [Fact]
    public void Its_bytes_and_pairs_cannot_be_changed_from_outside()
    {
        EncryptionContext context = Context(("a", "1"));
        context.ToCanonical()[4] ^= 1;
        Assert.Equal(Context(("a", "1")), context);
        Assert.Throws<NotSupportedException>(() => ((IDictionary<string, string>)context.Pairs).Add("b", "2"));
    }

    [Fact]
    public void A_repeated_key_is_misuse()
    {
        Assert.Throws<ArgumentException>(() => Context(("a", "1"), ("a", "2")));
        Assert.Throws<ArgumentException>(() => Context(("a", "1")).With("a", "1"));
    }

    [Fact]
    public void Null_is_misuse()
    {
        Assert.ThrowsAny<ArgumentException>(() => Context((null!, "1")));
        Assert.ThrowsAny<ArgumentException>(() => Context(("a", null!)));
        Assert.ThrowsAny<ArgumentException>(() => EncryptionContext.Of(null!));
    }

    [Fact]
    public void A_lone_surrogate_is_misuse()
    {
        Assert.ThrowsAny<ArgumentException>(() => Context(("a\uD800", "1")));
        Assert.ThrowsAny<ArgumentException>(() => Context(("a", "\uDC00")));
    }

    private static EncryptionContext Context(params (string Key, string Value)[] pairs) =>
        EncryptionContext.Of(pairs.Select(pair => KeyValuePair.Create(pair.Key, pair.Value)));
}
