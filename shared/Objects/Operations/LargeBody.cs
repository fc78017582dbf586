using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Serverless.Encryption;
using Serverless.Objects.Bodies;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>
/// Receives a body that is too large for one write: sealed into blocks that are staged while the next one fills, so that memory does not grow with the object.
/// The data blob becomes part of an object only through the manifest; whatever was staged before a failure belongs to nothing and is reclaimed.
/// </summary>
public sealed class LargeBody(IDataStore data, ILogger<LargeBody> logger)
{
    /// <summary>256 sealed chunks: just over 4 MiB, from where on staging costs the store least.</summary>
    private const int BlockSize = 256 * ChunkedEncryption.SealedChunkSize;

    /// <summary>One block is on its way while the next one fills.</summary>
    private const int BuffersPerUpload = 2;

    public async ValueTask<ReceivedBody> ReceiveAsync(IncomingObject incoming, CancellationToken cancellationToken)
    {
        var dataBlob = $"{incoming.Bucket.Container}/{Convert.ToHexStringLower(incoming.Id)}";
        var buffers = new SegmentedBuffer[BuffersPerUpload];
        for (var i = 0; i < buffers.Length; i++) buffers[i] = new SegmentedBuffer(BlockSize);
        var blockIds = new List<string>();
        var staging = Task.CompletedTask;
        try
        {
            var switching = new SwitchingOutput(buffers[0]);
            using var sealer = new StreamSealer(incoming.Keys, incoming.Id, StreamContext.WholeObject, switching);
            for (var ended = false; !ended;)
            {
                var piece = await incoming.Payload.ReadAsync(cancellationToken).ConfigureAwait(false);
                incoming.Digests.Append(piece.Span);
                sealer.Write(piece.Span);
                ended = piece.IsEmpty;
                if (ended) sealer.Complete();
                if (switching.Target.Length < BlockSize && !ended) continue;

                await staging.ConfigureAwait(false);
                blockIds.Add(BlockId(blockIds.Count));
                staging = data.StageAsync(dataBlob, blockIds[^1], switching.Target, cancellationToken).AsTask();
                switching.Target = buffers[blockIds.Count % BuffersPerUpload];
                switching.Target.Reset();
            }
            var (md5, checksum) = incoming.Verify();
            await staging.ConfigureAwait(false);
            await data.CommitAsync(dataBlob, blockIds, new(incoming.Bucket.Name, incoming.Key), cancellationToken).ConfigureAwait(false);

            var manifest = new Manifest(dataBlob, [new(StreamContext.WholeObject, incoming.Length, md5 ?? "")]);
            return new(ManifestContent.Write(manifest, incoming.Keys.Inner), sealer.Headers, md5, checksum, dataBlob);
        }
        finally
        {
            await staging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var buffer in buffers) buffer.Dispose();
        }
    }

    /// <summary>Deletes data that belong to no object any more. A failure costs space until the reclaiming timer has been by, and nothing else.</summary>
    public async ValueTask DiscardAsync(string dataBlob)
    {
        try
        {
            await data.DeleteAsync(dataBlob, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e)
        {
            logger.LogWarning(e, "The data blob {DataBlob} was not deleted; the reclaiming timer will.", dataBlob);
        }
    }

    /// <summary>Block ids of one blob must be of one length.</summary>
    private static string BlockId(int number) => Convert.ToBase64String(
        System.Text.Encoding.ASCII.GetBytes($"{RandomNumberGenerator.GetHexString(16, lowercase: true)}{number.ToString("D6", CultureInfo.InvariantCulture)}"));

    /// <summary>Lets the sealer write on into the next buffer.</summary>
    private sealed class SwitchingOutput(SegmentedBuffer first) : System.Buffers.IBufferWriter<byte>
    {
        public SegmentedBuffer Target { get; set; } = first;

        public void Advance(int count) => Target.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => Target.GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => Target.GetSpan(sizeHint);
    }
}
