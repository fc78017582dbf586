using System.Buffers.Binary;

namespace Serverless.Objects.Bodies;

/// <summary>
/// The context of a sealed stream: which object's, which part's. 16 bytes of object id ‖ 4 bytes of part number (big-endian).
/// A stream that was moved to another object, or to another place in it, does not open there.
/// </summary>
public static class StreamContext
{
    public const int IdSize = 16;
    public const int Size = IdSize + sizeof(uint);

    /// <summary>The part number of an object that came in one request.</summary>
    public const int WholeObject = 0;

    public static void Write(ReadOnlySpan<byte> objectId, int part, Span<byte> context)
    {
        objectId[..IdSize].CopyTo(context);
        BinaryPrimitives.WriteInt32BigEndian(context[IdSize..], part);
    }
}
