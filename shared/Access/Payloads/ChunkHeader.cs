using System.Buffers.Text;

namespace Serverless.Access;

/// <summary>A chunk's first line, <c>hexsize[;chunk-signature=64hex][;name=value]…</c> (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html).</summary>
internal readonly ref struct ChunkHeader
{
    /// <summary>The data's length in bytes; 0 in the last chunk.</summary>
    public long Size { get; private init; }

    /// <summary>The signature, as sent; empty where there is none.</summary>
    public ReadOnlySpan<byte> Signature { get; private init; }

    /// <param name="line">The line without its end.</param>
    /// <param name="header">What it says.</param>
    /// <returns>False where it is malformed, or its size beyond 2⁶³.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out ChunkHeader header)
    {
        header = default;
        var end = line.IndexOf((byte)';');
        var digits = end < 0 ? line : line[..end];
        if (!Utf8Parser.TryParse(digits, out ulong size, out var consumed, 'x') || consumed != digits.Length || size > long.MaxValue)
        {
            return false;
        }
        ReadOnlySpan<byte> signature = default;
        var extensions = line[digits.Length..];
        while (!extensions.IsEmpty)
        {
            extensions = extensions[1..];
            end = extensions.IndexOf((byte)';');
            var extension = end < 0 ? extensions : extensions[..end];
            if (extension.StartsWith("chunk-signature="u8))
            {
                signature = extension["chunk-signature="u8.Length..];
            }
            extensions = extensions[extension.Length..];
        }
        header = new() { Size = (long)size, Signature = signature };
        return true;
    }
}
