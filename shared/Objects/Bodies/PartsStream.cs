using Serverless.Encryption;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Bodies;

/// <summary>
/// A range of an object whose data are a manifest's parts. Each part is a stream of its own in a blob of its own, and each that the range touches is read once,
/// from the first chunk that is needed to the last; the read of the next part is begun shortly before it is needed.
/// </summary>
public sealed class PartsStream : ForwardStream
{
    /// <summary>How many bytes before a part's end the next part is opened, so that its first bytes are there when they are wanted.</summary>
    private const long OpenAhead = 4 << 20;

    private readonly IDataStore _data;
    private readonly Manifest _manifest;
    private readonly StoredObject _stored;
    private readonly OpenKeys _keys;
    private readonly IEnumerator<(ManifestPart Part, long Offset, long Count)> _pieces;
    private readonly CancellationToken _cancellationToken;

    private Stream? _current;
    private long _left;
    private Task<(Stream? Content, long Count)>? _next;

    private PartsStream(IDataStore data, Manifest manifest, StoredObject stored, OpenKeys keys, StreamOpener range, CancellationToken cancellationToken)
    {
        (_data, _manifest, _stored, _keys, _cancellationToken) = (data, manifest, stored, keys, cancellationToken);
        _pieces = Pieces(manifest, range).GetEnumerator();
    }

    /// <returns>Null when the first part's data are gone.</returns>
    /// <exception cref="CorruptDataException">The parts are not what the object says.</exception>
    public static async ValueTask<Stream?> OpenAsync(
        IDataStore data, Manifest manifest, StoredObject stored, OpenKeys keys, StreamOpener range, CancellationToken cancellationToken)
    {
        var description = stored.Description;
        if (manifest.DataBlob != description.DataBlob || manifest.Parts.Count != (description.PartsCount ?? 1) || manifest.Parts.Sum(part => part.Length) != description.Length)
            throw new CorruptDataException();

        // Later parts are opened when the caller has disposed its keys.
        var parts = new PartsStream(data, manifest, stored, keys.Copy(), range, cancellationToken);
        try
        {
            parts._next = parts.OpenNextAsync();
            if (await parts.MoveNextAsync().ConfigureAwait(false)) return parts;
        }
        catch
        {
            await parts.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        await parts.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_current is not null)
        {
            var read = await _current.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _left -= read;
            if (_left <= OpenAhead) _next ??= OpenNextAsync();
            if (read > 0 || buffer.IsEmpty) return read;
            if (!await MoveNextAsync().ConfigureAwait(false)) throw new CorruptDataException();
        }
        return 0;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_current is not null) await _current.DisposeAsync().ConfigureAwait(false);
        if (_next is { } next)
        {
            _next = null;
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (next is { IsCompletedSuccessfully: true, Result.Content: { } content }) await content.DisposeAsync().ConfigureAwait(false);
        }
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _keys.Dispose();
            _pieces.Dispose();
            _current?.Dispose();
            // A part that is still being opened is closed when it is open.
            _ = _next?.ContinueWith(
                static next => { if (next.IsCompletedSuccessfully) next.Result.Content?.Dispose(); else _ = next.Exception; },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        base.Dispose(disposing);
    }

    /// <summary>Goes on to the part that was opened, or to the end. False where its data are gone.</summary>
    private async ValueTask<bool> MoveNextAsync()
    {
        if (_current is not null) await _current.DisposeAsync().ConfigureAwait(false);
        _current = null;
        var (content, count) = await _next!.ConfigureAwait(false);
        (_current, _left, _next) = (content, count, null);
        return content is not null || count < 0;
    }

    /// <summary>The next part's plaintext; without content where its data are gone, and of a negative length behind the last.</summary>
    private async Task<(Stream? Content, long Count)> OpenNextAsync()
    {
        if (!_pieces.MoveNext()) return (null, -1);
        var (part, offset, count) = _pieces.Current;
        var range = new StreamOpener(offset, count, part.Length, _keys.Outer is not null);
        var stored = await _data.OpenAsync(_manifest.BlobOf(part), range.Stored, _cancellationToken).ConfigureAwait(false);
        return (stored is null ? null : range.Open(_keys, part.Streams ?? _stored.Streams, _stored.Description.Id, part.Number, stored, range.Stored.Offset), count);
    }

    /// <summary>What the range takes of each part that it touches. An empty object is its one empty part: that there is nothing is authenticated, too.</summary>
    private static IEnumerable<(ManifestPart Part, long Offset, long Count)> Pieces(Manifest manifest, StreamOpener range)
    {
        if (range.Length == 0)
        {
            yield return (manifest.Parts[0], 0, 0);
            yield break;
        }
        var start = 0L;
        foreach (var part in manifest.Parts)
        {
            var from = Math.Max(range.Offset - start, 0);
            var to = Math.Min(range.Offset + range.Count - start, part.Length);
            if (from < to) yield return (part, from, to - from);
            start += part.Length;
            if (start >= range.Offset + range.Count) yield break;
        }
    }
}
