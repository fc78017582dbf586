using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Serverless.Audit;

/// <summary>The SHA-256 of a record's bytes, as a value of 32 bytes.</summary>
internal readonly record struct Fingerprint(UInt128 High, UInt128 Low)
{
    public static Fingerprint Of(ReadOnlySpan<byte> record)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(record, hash);
        return new(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
    }
}
