using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Text;

namespace Serverless.Encryption;

// Canonical form, so that equal contexts have equal bytes and different ones never do:
//
//   count (4) then, for each pair in the order of the keys' UTF-8 bytes:  key length (4) || key || value length (4) || value
//
// Lengths and count are big-endian; keys and values are UTF-8.

/// <summary>Name-value pairs that are authenticated with a wrapped key, and without which it does not unwrap. They are not secret.</summary>
/// <remarks>
/// Immutable, and equal by content. Keys and values must be well-formed UTF-16 (a lone surrogate has no UTF-8 form, and replacing it would make different contexts equal).
/// Source: https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
/// </remarks>
public sealed class EncryptionContext : IEquatable<EncryptionContext>
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Comparer<string> ByUtf8Bytes = Comparer<string>.Create(CompareAsUtf8);

    private readonly byte[] _canonical;

    private EncryptionContext(SortedDictionary<string, string> pairs)
    {
        Pairs = new ReadOnlyDictionary<string, string>(pairs);
        _canonical = Encode(pairs);
    }

    /// <summary>The context without pairs.</summary>
    public static EncryptionContext Empty { get; } = new(new SortedDictionary<string, string>(ByUtf8Bytes));

    /// <summary>The pairs, in the order of their keys' UTF-8 bytes.</summary>
    public IReadOnlyDictionary<string, string> Pairs { get; }

    internal ReadOnlySpan<byte> Canonical => _canonical;

    /// <summary>A context with the given pairs, whose order does not matter.</summary>
    /// <exception cref="ArgumentException">A key or value is null or not well-formed, or a key comes twice.</exception>
    public static EncryptionContext Of(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var sorted = new SortedDictionary<string, string>(ByUtf8Bytes);
        foreach ((string key, string value) in pairs)
        {
            ArgumentNullException.ThrowIfNull(value);
            sorted.Add(key, value);
        }

        return sorted.Count == 0 ? Empty : new EncryptionContext(sorted);
    }

    /// <summary>This context and one pair more.</summary>
    /// <exception cref="ArgumentException">A string is null or not well-formed, or the key is there already.</exception>
    public EncryptionContext With(string key, string value) => Of([.. Pairs, new(key, value)]);

    /// <summary>The bytes that are authenticated. The array is the caller's.</summary>
    public byte[] ToCanonical() => [.. _canonical];

    /// <inheritdoc/>
    public bool Equals(EncryptionContext? other) => other is not null && _canonical.AsSpan().SequenceEqual(other._canonical);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EncryptionContext);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_canonical);
        return hash.ToHashCode();
    }

    private static byte[] Encode(SortedDictionary<string, string> pairs)
    {
        int size = sizeof(uint);
        foreach ((string key, string value) in pairs)
        {
            size = checked(size + 2 * sizeof(uint) + StrictUtf8.GetByteCount(key) + StrictUtf8.GetByteCount(value));
        }

        byte[] canonical = new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(canonical, pairs.Count);
        Span<byte> rest = canonical.AsSpan(sizeof(uint));
        foreach ((string key, string value) in pairs)
        {
            rest = rest[WriteString(rest, key)..];
            rest = rest[WriteString(rest, value)..];
        }

        return canonical;
    }

    private static int WriteString(Span<byte> destination, string text)
    {
        int size = StrictUtf8.GetBytes(text, destination[sizeof(uint)..]);
        BinaryPrimitives.WriteInt32BigEndian(destination, size);
        return sizeof(uint) + size;
    }

    private static int CompareAsUtf8(string x, string y)
    {
        int at = x.AsSpan().CommonPrefixLength(y);
        return at == x.Length || at == y.Length ? x.Length.CompareTo(y.Length) : Rank(x[at]).CompareTo(Rank(y[at]));

        // UTF-16 puts surrogates (code points from U+10000) before U+E000..U+FFFF; UTF-8, like code points, after.
        static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
    }
}
