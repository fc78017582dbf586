using System.Buffers;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Serverless.Encryption;
using static Serverless.Encryption.ChunkedEncryption;

namespace Serverless.Benchmarks.Kernels;

/// <summary>Sealing and opening a message as the service does, beside bare AES-GCM over the same chunks of 16 KiB in the same memory.</summary>
public class StreamKernels : IDisposable
{
    /// <summary>What GetObject asks its stream for at a time.</summary>
    private const int PieceSize = 4 * ChunkSize;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(SecretKey.Size);
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _header = new byte[HeaderSize];
    private readonly byte[] _piece = new byte[PieceSize];
    private byte[] _plaintext = [];
    private byte[] _bareSealed = [];
    private byte[] _sealed = [];
    private AesGcm _aead = null!;

    [Params(1 << 20, 8 << 20)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _aead = new AesGcm(_key, TagSize);
        _plaintext = RandomNumberGenerator.GetBytes(Size);
        _bareSealed = new byte[SealedLength(Size) - HeaderSize];
        _sealed = new byte[_bareSealed.Length];
        BareSeal();
        Seal();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _aead.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void BareSeal()
    {
        for (var chunk = 0; chunk < Size / ChunkSize; chunk++)
        {
            var output = _bareSealed.AsSpan(chunk * SealedChunkSize, SealedChunkSize);
            _aead.Encrypt(_nonce, _plaintext.AsSpan(chunk * ChunkSize, ChunkSize), output[..ChunkSize], output[ChunkSize..]);
        }
    }

    [Benchmark]
    public long Seal()
    {
        using var writer = new SealingWriter(ChunkCipher.ForSealing(_key, [], _header), new ArrayOutput(_sealed));
        writer.Write(_plaintext);
        writer.Complete();
        return writer.PlaintextLength;
    }

    [Benchmark]
    public void BareOpen()
    {
        for (var chunk = 0; chunk < Size / ChunkSize; chunk++)
        {
            var input = _bareSealed.AsSpan(chunk * SealedChunkSize, SealedChunkSize);
            _aead.Decrypt(_nonce, input[..ChunkSize], input[ChunkSize..], _piece.AsSpan(chunk % 4 * ChunkSize, ChunkSize));
        }
    }

    [Benchmark]
    public long Open()
    {
        using var stream = new OpeningStream(new MemoryStream(_sealed), ChunkCipher.TryOpen(_key, [], _header)!, firstChunk: 0, readToEnd: true);
        var total = 0L;
        for (int read; (read = stream.Read(_piece)) > 0;) total += read;
        return total;
    }

    /// <summary>Writes into memory that is there already.</summary>
    private sealed class ArrayOutput(byte[] array) : IBufferWriter<byte>
    {
        private int _written;

        public void Advance(int count) => _written += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => array.AsMemory(_written);

        public Span<byte> GetSpan(int sizeHint = 0) => array.AsSpan(_written);
    }
}
