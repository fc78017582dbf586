using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Audit;

/// <summary>
/// The hash over an hour's records, as their bytes are in the journal and in its order: SHA-256 over, of each row, the length of its key (4 bytes, big-endian), its key, the length of its record, its record.
/// </summary>
internal sealed class RecordsHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Count { get; private set; }

    /// <summary>Of all rows so far, in lower-case hexadecimals.</summary>
    public string Value => Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Add(AuditRow row)
    {
        Append(Encoding.UTF8.GetBytes(row.Key));
        Append(row.Json.Span);
        Count++;
    }

    public void Dispose() => hash.Dispose();

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
