using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Access;

/// <summary>A growing run of bytes in pooled memory, wiped before it goes back: a canonical request may hold a customer's key.</summary>
internal sealed class PooledBytes(int capacity) : IDisposable
{
    private byte[] array = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    /// <summary>What was added so far; valid until the next addition.</summary>
    public ReadOnlySpan<byte> Written => array.AsSpan(0, Length);

    /// <summary>The memory behind <see cref="Written"/>; replaced when it grows.</summary>
    public byte[] Array => array;

    public void Add(byte value)
    {
        Reserve(1);
        array[Length++] = value;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(array.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Adds the text as UTF-8.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length += Encoding.UTF8.GetBytes(text, array.AsSpan(Length));
    }

    /// <summary>Adds the text in lower case (ASCII).</summary>
    public void AddLower(ReadOnlySpan<char> text)
    {
        var start = Length;
        Add(text);
        Ascii.ToLowerInPlace(array.AsSpan(start, Length - start), out _);
    }

    /// <summary>Takes the last byte back.</summary>
    public void RemoveLast() => Length--;

    public void Dispose()
    {
        var returned = array;
        array = [];
        CryptographicOperations.ZeroMemory(returned.AsSpan(0, Length));
        Length = 0;
        if (returned.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(returned);
        }
    }

    private void Reserve(int count)
    {
        if (array.Length - Length >= count)
        {
            return;
        }
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(array.Length * 2, Length + count));
        Written.CopyTo(larger);
        CryptographicOperations.ZeroMemory(array.AsSpan(0, Length));
        ArrayPool<byte>.Shared.Return(array);
        array = larger;
    }
}
