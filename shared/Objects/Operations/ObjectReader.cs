using Serverless.Access;
using Serverless.Encryption;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Operations;

/// <summary>Who reads which object, and with which key of their own.</summary>
/// <param name="Request">The request, which names the object's key and perhaps a version.</param>
/// <param name="CustomerKey">The key that it carries for an SSE-C object, or null.</param>
public sealed record ObjectRead(S3Request Request, Bucket Bucket, CustomerKey? CustomerKey)
{
    public string Key => Request.Key;

    public Caller Caller => Request.Caller;

    public CancellationToken Aborted => Request.Aborted;
}

/// <summary>Opens objects to be read, for whoever sends or copies them: one read of the store where the range can be guessed, and no KMS key before the data are wanted.</summary>
public sealed class ObjectReader(ObjectFinder finder, IObjectStore objects, IDataStore data, DataKeyring keyring)
{
    /// <summary>How often a read is begun anew because its object was replaced under it, before the client is asked to.</summary>
    private const int MaxAttempts = 4;

    /// <summary>
    /// Opens the object and hands it to <paramref name="use"/>, which judges it and then opens the plaintext; both are done again when the object is
    /// replaced before the plaintext is open.
    /// </summary>
    /// <param name="range">The range that <paramref name="use"/> will ask for, as far as is known; null for the whole object.</param>
    /// <exception cref="S3Exception">NoSuchKey, NoSuchVersion; the customer's key is missing, wrong or not applicable; SlowDown where the object keeps being replaced.</exception>
    public async ValueTask ReadAsync(ObjectRead read, ByteRange? range, Func<ReadableObject, Task> use)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var guess = Guess(range);
                var (place, found) = await finder.OpenAsync(read.Request, read.Bucket, guess).ConfigureAwait(false);
                await using var open = found;
                // S3 judges the customer's key before the conditions; the other modes' keys are not touched for a 304.
                DataKeyring.CheckCustomerKey(open.Object, read.CustomerKey, read.Bucket, read.Key)?.Dispose();
                await use(new(read, place, open, guess, objects, data, keyring)).ConfigureAwait(false);
                return;
            }
            catch (S3Exception replaced) when (replaced.Error == S3Errors.SlowDown && attempt < MaxAttempts)
            {
                // Nothing has been done with it: the object that is there now is read from its start.
            }
        }
    }

    /// <summary>
    /// The stored bytes to ask for before anything is known of the object: right for an object in one layer stored with its description, which most are.
    /// A suffix needs the length, and so a second read.
    /// </summary>
    private static StoredRange? Guess(ByteRange? range)
    {
        if (range is not { First: { } first } asked) return range is null ? null : new(0, 0);
        // No object is that long: all there is to say is that the range is not satisfiable.
        if (first >= ChunkedEncryption.MaxPlaintextLength) return new(0, 0);
        var start = ChunkedEncryption.ChunkOffset(first / ChunkedEncryption.ChunkSize);
        // One chunk more than the range: where it reaches the object's end, the short last chunk may be the next one.
        return asked.Last is { } last and < ChunkedEncryption.MaxPlaintextLength - 2 * ChunkedEncryption.ChunkSize
            ? new(start, ChunkedEncryption.ChunkOffset(last / ChunkedEncryption.ChunkSize + 2) - start)
            : new(start, long.MaxValue - start);
    }
}

/// <summary>An object whose description is at hand and whose plaintext can be opened, once.</summary>
public sealed class ReadableObject
{
    private readonly ObjectRead _read;
    private readonly ObjectPlace _place;
    private readonly OpenObject _open;
    private readonly StoredRange? _got;
    private readonly IObjectStore _objects;
    private readonly IDataStore _data;
    private readonly DataKeyring _keyring;

    private ReadOnlyMemory<byte>? _manifest;

    /// <param name="got">The stored bytes that <paramref name="open"/>'s content is; null for all of them.</param>
    internal ReadableObject(ObjectRead read, ObjectPlace place, OpenObject open, StoredRange? got, IObjectStore objects, IDataStore data, DataKeyring keyring) =>
        (_read, _place, _open, _got, _objects, _data, _keyring) = (read, place, open, got, objects, data, keyring);

    public ObjectDescription Description => _open.Object.Description;

    /// <summary>The parts that the object was uploaded in, as it says without a key; what is opened is opened by the authenticated ones. Null for an object that came in one request.</summary>
    /// <exception cref="S3Exception">SlowDown: the object was replaced since it was opened.</exception>
    public async ValueTask<Manifest?> ReadPartsAsync() =>
        Description.PartsCount is null ? null : ManifestContent.ReadUnverified((await ReadManifestAsync().ConfigureAwait(false)).Span);

    /// <summary>Opens a range that lies in the object: exactly <paramref name="count"/> bytes, each authenticated in its place, or a <see cref="CorruptDataException"/>.</summary>
    /// <exception cref="S3Exception">SlowDown: the object was replaced since it was opened.</exception>
    /// <exception cref="Serverless.Keys.KmsException">The KMS key cannot be used.</exception>
    public async ValueTask<Stream> OpenAsync(long offset, long count)
    {
        var stored = _open.Object;
        using var keys = await _keyring.OpenAsync(stored, _read.CustomerKey, _read.Bucket, _read.Key, _read.Caller, _read.Aborted).ConfigureAwait(false);
        var opener = new StreamOpener(offset, count, Description.Length, keys.Outer is not null);
        if (Description.DataBlob is not null)
        {
            var manifest = ManifestContent.Read((await ReadManifestAsync().ConfigureAwait(false)).Span, keys.Manifest ?? keys.Inner);
            if (await PartsStream.OpenAsync(_data, manifest, stored, keys, opener, _read.Aborted).ConfigureAwait(false) is { } parts) return parts;
            // The data went with an object that has been replaced or deleted since it was looked at, or were lost.
            await using var unchanged = await ReopenAsync(new(0, 0)).ConfigureAwait(false);
            throw new CorruptDataException();
        }
        if (Covers(_got, opener.Stored))
            return opener.Open(keys, stored.Streams, Description.Id, StreamContext.WholeObject, _open.Content, _got?.Offset ?? 0);

        var again = await ReopenAsync(opener.Stored).ConfigureAwait(false);
        return opener.Open(keys, stored.Streams, Description.Id, StreamContext.WholeObject, again.Content, opener.Stored.Offset);
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadManifestAsync()
    {
        if (_manifest is { } read) return read;
        await using var content = _got is null ? _open.Content : (await ReopenAsync(null).ConfigureAwait(false)).Content;
        _manifest = read = await ManifestContent.ReadBytesAsync(content, _read.Aborted).ConfigureAwait(false);
        return read;
    }

    /// <summary>Reads the same state of the object again.</summary>
    /// <exception cref="S3Exception">SlowDown: it was replaced in between.</exception>
    private async ValueTask<OpenObject> ReopenAsync(StoredRange? range)
    {
        var again = await _objects.OpenAsync(_place, range, _read.Aborted).ConfigureAwait(false);
        if (again is not null && again.Object.Description.Id.AsSpan().SequenceEqual(Description.Id)) return again;
        if (again is not null) await again.DisposeAsync().ConfigureAwait(false);
        throw new S3Exception(S3Errors.SlowDown);
    }

    private static bool Covers(StoredRange? got, StoredRange needed) =>
        got is not { } range || (range.Offset <= needed.Offset && range.Offset + range.Count >= needed.Offset + needed.Count);
}
