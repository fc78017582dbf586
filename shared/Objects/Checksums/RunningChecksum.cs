using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Serverless.Objects.Checksums;

/// <summary>Computes one of S3's checksums while the data pass.</summary>
public abstract class RunningChecksum : IDisposable
{
    private RunningChecksum() { }

    public static RunningChecksum Create(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.CRC32 => new Crc32Checksum(new Crc32()),
        ChecksumAlgorithm.CRC32C => new Crc32Checksum(new Crc32(Crc32ParameterSet.Crc32C)),
        ChecksumAlgorithm.CRC64NVME => new Crc64Checksum(new Crc64(Crc64ParameterSet.Nvme)),
        ChecksumAlgorithm.SHA1 => new HashChecksum(HashAlgorithmName.SHA1),
        _ => new HashChecksum(HashAlgorithmName.SHA256),
    };

    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>The value of all that was appended, in base64.</summary>
    public string Finish()
    {
        Span<byte> value = stackalloc byte[SHA256.HashSizeInBytes];
        return Convert.ToBase64String(value[..Write(value)]);
    }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Writes the value, big-endian, and returns its size.</summary>
    protected abstract int Write(Span<byte> value);

    private sealed class Crc32Checksum(Crc32 crc) : RunningChecksum
    {
        public override void Append(ReadOnlySpan<byte> data) => crc.Append(data);

        protected override int Write(Span<byte> value)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value, crc.GetCurrentHashAsUInt32());
            return sizeof(uint);
        }
    }

    private sealed class Crc64Checksum(Crc64 crc) : RunningChecksum
    {
        public override void Append(ReadOnlySpan<byte> data) => crc.Append(data);

        protected override int Write(Span<byte> value)
        {
            BinaryPrimitives.WriteUInt64BigEndian(value, crc.GetCurrentHashAsUInt64());
            return sizeof(ulong);
        }
    }

    private sealed class HashChecksum(HashAlgorithmName name) : RunningChecksum
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(name);

        public override void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

        public override void Dispose()
        {
            _hash.Dispose();
            base.Dispose();
        }

        protected override int Write(Span<byte> value) => _hash.GetHashAndReset(value);
    }
}
