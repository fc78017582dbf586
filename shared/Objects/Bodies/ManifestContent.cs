using System.Text.Json;
using Serverless.Encryption;
using Serverless.Objects.Store;

namespace Serverless.Objects.Bodies;

/// <summary>
/// A manifest as an object's content: 32 bytes of <see cref="ContentTag"/> ‖ JSON. Whoever cannot open the data key can neither write nor change one.
/// </summary>
public static class ManifestContent
{
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

    /// <exception cref="CorruptDataException">It is not the manifest that was written.</exception>
    public static Manifest Read(ReadOnlySpan<byte> content, SecretKey dataKey)
    {
        if (content.Length < ContentTag.Size || !ContentTag.Verify(dataKey.Bytes, content[ContentTag.Size..], content[..ContentTag.Size]))
            throw new CorruptDataException();
        return JsonSerializer.Deserialize(content[ContentTag.Size..], StoredJson.Default.Manifest) ?? throw new CorruptDataException();
    }
}
