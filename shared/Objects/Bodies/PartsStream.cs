using Serverless.Encryption;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Bodies;

/// <summary>
/// A range of an object whose data are a manifest's parts. Each part is a stream of its own, and they lie one behind the other in the data blob,
/// so that a range is one read of it: from the first chunk that is needed in its first part to the last in its last.
/// </summary>
internal static class PartsStream
{
    /// <returns>Null when the data blob is gone.</returns>
    /// <exception cref="CorruptDataException">The parts are not what the object says.</exception>
    public static async ValueTask<Stream?> OpenAsync(
        IDataStore data, Manifest manifest, StoredObject stored, OpenKeys keys, StreamOpener range, CancellationToken cancellationToken)
    {
        // One part for now: a body that came in one request. Its stream's headers are with the object.
        if (manifest.Parts is not [var part] || part.Length != stored.Description.Length || manifest.DataBlob != stored.Description.DataBlob)
            throw new CorruptDataException();
        return await data.OpenAsync(manifest.DataBlob, range.Stored, cancellationToken).ConfigureAwait(false) is { } content
            ? range.Open(keys, stored.Streams, stored.Description.Id, part.Number, content, range.Stored.Offset)
            : null;
    }
}
