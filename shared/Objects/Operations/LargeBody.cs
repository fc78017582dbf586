using Microsoft.Extensions.Logging;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>Bodies that are too large to be stored with their object's description: the data are in a data blob, and the object's content is the manifest that names it.</summary>
public sealed class LargeBody(DataWriter writer, IDataStore data, ILogger<LargeBody> logger)
{
    public async ValueTask<ReceivedBody> ReceiveAsync(IncomingBody incoming, Bucket bucket, string key, CancellationToken cancellationToken)
    {
        var dataBlob = $"{bucket.Container}/{Convert.ToHexStringLower(incoming.ObjectId)}";
        var body = await writer.WriteAsync(incoming, dataBlob, new(bucket.Name, key), cancellationToken).ConfigureAwait(false);
        var manifest = new Manifest(dataBlob, [new(incoming.Part, body.Length)]);
        return new(ManifestContent.Write(manifest, incoming.Keys.Inner), body, dataBlob);
    }

    /// <summary>
    /// Deletes the data of an object that was replaced or deleted, but not those of an upload's parts, which may be many: they are the reclaiming timer's.
    /// A failure costs space until that has been by, and nothing else.
    /// </summary>
    public async ValueTask DiscardAsync(ObjectDescription discarded)
    {
        if (discarded is not { DataBlob: { } dataBlob, PartsCount: null }) return;
        try
        {
            await data.DeleteAsync(dataBlob, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e)
        {
            logger.LogWarning(e, "The data blob {DataBlob} was not deleted; the reclaiming timer will.", dataBlob);
        }
    }
}
