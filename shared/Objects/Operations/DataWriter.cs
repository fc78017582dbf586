using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Encryption;
using Serverless.Objects.Bodies;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>
/// Receives a body into a data blob. A small one is sealed in memory and written at once; a larger one is sealed into blocks that are staged while the next one fills,
/// so that memory does not grow with the body. The data blob becomes part of an object only through a manifest; what was staged before a failure belongs to nothing.
/// </summary>
public sealed class DataWriter(IDataStore data)
{
    /// <summary>Up to this size a body is sealed in memory and stored in one write.</summary>
    public const long MaxInMemory = 8 << 20;

    /// <summary>256 sealed chunks: just over 4 MiB, from where on staging costs the store least.</summary>
    private const int BlockSize = 256 * ChunkedEncryption.SealedChunkSize;

    /// <summary>One block is on its way while the next one fills.</summary>
    private const int BuffersPerBody = 2;

    public async ValueTask<SealedBody> WriteAsync(IncomingBody incoming, string dataBlob, DataOwner owner, CancellationToken cancellationToken)
    {
        if (incoming.MostLength > MaxInMemory) return await StageAsync(incoming, dataBlob, owner, cancellationToken).ConfigureAwait(false);
        using var content = new SegmentedBuffer(incoming.MostSealedLength);
        var body = await incoming.SealAsync(content, cancellationToken).ConfigureAwait(false);
        await data.WriteAsync(dataBlob, content, owner, cancellationToken).ConfigureAwait(false);
        return body;
    }

    private async ValueTask<SealedBody> StageAsync(IncomingBody incoming, string dataBlob, DataOwner owner, CancellationToken cancellationToken)
    {
        var buffers = new SegmentedBuffer[BuffersPerBody];
        for (var i = 0; i < buffers.Length; i++) buffers[i] = new SegmentedBuffer(BlockSize);
        var blockIds = new List<string>();
        var staging = Task.CompletedTask;
        try
        {
            var switching = new SwitchingOutput(buffers[0]);
            using var sealer = new StreamSealer(incoming.Keys, incoming.ObjectId, incoming.Part, switching);
            for (var ended = false; !ended;)
            {
                var piece = await incoming.Plaintext.ReadAsync(cancellationToken).ConfigureAwait(false);
                incoming.Digests.Append(piece.Span);
                sealer.Write(piece.Span);
                ended = piece.IsEmpty;
                if (ended) sealer.Complete();
                if (switching.Target.Length < BlockSize && !ended) continue;

                await staging.ConfigureAwait(false);
                blockIds.Add(BlockId(blockIds.Count));
                staging = data.StageAsync(dataBlob, blockIds[^1], switching.Target, cancellationToken).AsTask();
                switching.Target = buffers[blockIds.Count % BuffersPerBody];
                switching.Target.Reset();
            }
            var body = incoming.Verify(sealer);
            await staging.ConfigureAwait(false);
            await data.CommitAsync(dataBlob, blockIds, owner, cancellationToken).ConfigureAwait(false);
            return body;
        }
        finally
        {
            await staging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var buffer in buffers) buffer.Dispose();
        }
    }

    /// <summary>Block ids of one blob must be of one length.</summary>
    private static string BlockId(int number) => Convert.ToBase64String(
        Encoding.ASCII.GetBytes($"{RandomNumberGenerator.GetHexString(16, lowercase: true)}{number.ToString("D6", CultureInfo.InvariantCulture)}"));

    /// <summary>Lets the sealer write on into the next buffer.</summary>
    private sealed class SwitchingOutput(SegmentedBuffer first) : IBufferWriter<byte>
    {
        public SegmentedBuffer Target { get; set; } = first;

        public void Advance(int count) => Target.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => Target.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => Target.GetSpan(sizeHint);
    }
}
