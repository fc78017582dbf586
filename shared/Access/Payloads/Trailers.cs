using System.Security.Cryptography;
using System.Text;

namespace Serverless.Access;

/// <summary>The trailers of an aws-chunked body, which must be those that <c>x-amz-trailer</c> announced.</summary>
/// <param name="announced">The header's value; "" where there is none.</param>
/// <param name="signed">Whether a signature must follow them.</param>
internal sealed class Trailers(string announced, bool signed)
{
    private const string SignatureName = "x-amz-trailer-signature";

    private readonly HashSet<string> missing =
        [.. announced.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private byte[]? signature;

    public Dictionary<string, string> Values { get; } = [];

    /// <summary>Takes a line <c>name:value</c>.</summary>
    /// <exception cref="AccessException">MalformedTrailerError: malformed, not announced, repeated, or after the signature.</exception>
    public void Add(ReadOnlySpan<byte> line, IncrementalHash? hash)
    {
        var colon = line.IndexOf((byte)':');
        var value = colon < 0 ? default : line[(colon + 1)..].Trim(" \t\n"u8);
        if (colon < 0 || signature is not null || value.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            throw Malformed();
        }
        var name = Encoding.ASCII.GetString(line[..colon]).Trim().ToLowerInvariant();
        if (signed && name == SignatureName)
        {
            signature = value.ToArray();
            return;
        }
        if (!missing.Remove(name))
        {
            throw Malformed();
        }
        Values[name] = Encoding.ASCII.GetString(value);
        hash?.AppendData(Encoding.ASCII.GetBytes($"{name}:{Values[name]}\n"));
    }

    /// <summary>Verifies that all announced ones came, and their signature.</summary>
    /// <exception cref="AccessException">MalformedTrailerError or SignatureDoesNotMatch.</exception>
    public void Complete(ChunkSigner? signer, IncrementalHash? hash)
    {
        if (missing.Count > 0 || (signed && signature is null))
        {
            throw Malformed();
        }
        if (signed)
        {
            signer!.VerifyTrailers(hash!, signature);
        }
    }

    private static AccessException Malformed() => new(AccessErrors.MalformedTrailer);
}
