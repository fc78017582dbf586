using System.Buffers;
using System.Text.Json;
using Serverless.Encryption;
using Serverless.Objects.Store;

namespace Serverless.Objects.Bodies;

/// <summary>
/// A manifest as an object's content: 32 bytes of <see cref="ContentTag"/> ‖ JSON. Whoever cannot open the data key can neither write nor change one.
/// </summary>
public static class ManifestContent
{
    /// <summary>The largest, in bytes: one of 10,000 parts in two layers with SHA-256 checksums takes 3 MB.</summary>
    public const int MaxSize = 4 << 20;

    private const int PieceSize = 64 * 1024;

    public static SegmentedBuffer Write(Manifest manifest, SecretKey dataKey)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest, StoredJson.Default.Manifest);
        var content = new SegmentedBuffer(ContentTag.Size + json.Length);
        var target = content.GetSpan(ContentTag.Size + json.Length);
        ContentTag.Compute(dataKey.Bytes, json, target[..ContentTag.Size]);
        json.CopyTo(target[ContentTag.Size..]);
        content.Advance(ContentTag.Size + json.Length);
        return content;
    }

    /// <summary>Reads an object's whole content into memory.</summary>
    /// <exception cref="CorruptDataException">It is larger than any manifest.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadBytesAsync(Stream content, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        while (await content.ReadAsync(buffer.GetMemory(PieceSize), cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxSize) throw new CorruptDataException();
        }
        return buffer.WrittenMemory;
    }

    /// <exception cref="CorruptDataException">It is not the manifest that was written.</exception>
    public static Manifest Read(ReadOnlySpan<byte> content, SecretKey dataKey)
    {
        if (content.Length < ContentTag.Size || !ContentTag.Verify(dataKey.Bytes, content[ContentTag.Size..], content[..ContentTag.Size]))
            throw new CorruptDataException();
        return ReadUnverified(content);
    }

    /// <summary>For those who have no key and give out no data: as trustworthy as all that is stored in the clear.</summary>
    /// <exception cref="CorruptDataException">It is no manifest.</exception>
    public static Manifest ReadUnverified(ReadOnlySpan<byte> content)
    {
        try
        {
            return content.Length < ContentTag.Size ? throw new CorruptDataException()
                : JsonSerializer.Deserialize(content[ContentTag.Size..], StoredJson.Default.Manifest) ?? throw new CorruptDataException();
        }
        catch (JsonException)
        {
            throw new CorruptDataException();
        }
    }

    /// <summary>The same of an object's whole content.</summary>
    /// <exception cref="CorruptDataException">It is no manifest.</exception>
    public static async ValueTask<Manifest> ReadUnverifiedAsync(Stream content, CancellationToken cancellationToken) =>
        ReadUnverified((await ReadBytesAsync(content, cancellationToken).ConfigureAwait(false)).Span);
}
