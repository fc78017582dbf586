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
    private readonly byte[] _sealedChunk = new byte[SealedChunkSize];
    private readonly byte[] _piece = new byte[PieceSize];
    private byte[] _plaintext = [];
    private byte[] _bareSealed = [];
    private byte[] _sealed = [];
    private AesGcm _aead = null!;

    [Params(1 << 20, 8 << 20)]
    public int Size { get; set; }

    private int Chunks => Size / ChunkSize;

    [GlobalSetup]
    public void Setup()
    {
        _aead = new AesGcm(_key, TagSize);
        _plaintext = RandomNumberGenerator.GetBytes(Size);
        _bareSealed = new byte[SealedLength(Size) - HeaderSize];
        _sealed = new byte[_bareSealed.Length];
        BareSeal();
        SealStream();
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
        for (var chunk = 0; chunk < Chunks; chunk++)
        {
            var output = Sealed(_bareSealed, chunk);
            _aead.Encrypt(_nonce, Plaintext(chunk), output[..ChunkSize], output[ChunkSize..]);
        }
    }

    [Benchmark]
    public void SealChunks()
    {
        using var cipher = ChunkCipher.ForSealing(_key, [], _header);
        for (var chunk = 0; chunk < Chunks; chunk++) cipher.Seal(chunk, Plaintext(chunk), Sealed(_sealed, chunk));
    }

    [Benchmark]
    public long SealStream()
    {
        using var writer = new SealingWriter(ChunkCipher.ForSealing(_key, [], _header), new ArrayOutput(_sealed));
        writer.Write(_plaintext);
        writer.Complete();
        return writer.PlaintextLength;
    }

    [Benchmark]
    public void BareOpen()
    {
        for (var chunk = 0; chunk < Chunks; chunk++) BareOpen(Sealed(_bareSealed, chunk), Piece(chunk));
    }

    [Benchmark]
    public int OpenChunks()
    {
        using var cipher = ChunkCipher.TryOpen(_key, [], _header)!;
        var opened = 0;
        for (var chunk = 0; chunk < Chunks; chunk++)
            if (cipher.TryOpenChunk(chunk, Sealed(_sealed, chunk), Piece(chunk))) opened++;
        return opened;
    }

    /// <summary>A stream's bytes have to be copied to where they are opened, whoever opens them.</summary>
    [Benchmark]
    public void BareOpenStream()
    {
        using var source = new MemoryStream(_bareSealed);
        for (var chunk = 0; chunk < Chunks; chunk++)
        {
            source.ReadExactly(_sealedChunk);
            BareOpen(_sealedChunk, Piece(chunk));
        }
    }

    [Benchmark]
    public long OpenStream()
    {
        using var stream = new OpeningStream(new MemoryStream(_sealed), ChunkCipher.TryOpen(_key, [], _header)!, firstChunk: 0, readToEnd: true);
        var total = 0L;
        for (int read; (read = stream.Read(_piece)) > 0;) total += read;
        return total;
    }

    private void BareOpen(ReadOnlySpan<byte> sealedChunk, Span<byte> plaintext) =>
        _aead.Decrypt(_nonce, sealedChunk[..ChunkSize], sealedChunk[ChunkSize..], plaintext);

    private ReadOnlySpan<byte> Plaintext(int chunk) => _plaintext.AsSpan(chunk * ChunkSize, ChunkSize);

    private Span<byte> Piece(int chunk) => _piece.AsSpan(chunk * ChunkSize % PieceSize, ChunkSize);

    private static Span<byte> Sealed(byte[] message, int chunk) => message.AsSpan(chunk * SealedChunkSize, SealedChunkSize);

    /// <summary>Writes into memory that is there already.</summary>
    private sealed class ArrayOutput(byte[] array) : IBufferWriter<byte>
    {
        private int _written;

        public void Advance(int count) => _written += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => array.AsMemory(_written);

        public Span<byte> GetSpan(int sizeHint = 0) => array.AsSpan(_written);
    }
}
