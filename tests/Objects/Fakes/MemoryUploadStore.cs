using System.Runtime.CompilerServices;
using System.Text;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

/// <summary>Uploads in memory.</summary>
internal sealed class MemoryUploadStore : IUploadStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UploadId, Upload> _uploads = [];
    private readonly Dictionary<UploadId, (EndedUpload Upload, string Key)> _ended = [];
    private readonly Dictionary<UploadId, SortedDictionary<int, UploadedPart>> _parts = [];
    private int _versions;

    /// <summary>Uploads of which what is stored does not describe them any more.</summary>
    public HashSet<UploadId> Damaged { get; } = [];

    /// <summary>Runs before each end, to change the upload in between.</summary>
    public Func<Upload, Task>? BeforeEnd { get; set; }

    /// <summary>Runs before each call that finds, re-wraps or ends an upload, and behind it, and may fail.</summary>
    public Func<Task> Step { get; set; } = () => Task.CompletedTask;

    public ValueTask CreateAsync(Upload upload, CancellationToken cancellationToken)
    {
        lock (_lock) _uploads[upload.Id] = WithNewVersion(upload);
        return ValueTask.CompletedTask;
    }

    public ValueTask<Upload?> FindAsync(Bucket bucket, string key, UploadId id, CancellationToken cancellationToken) => StepAsync(() => Locked(() =>
        !_uploads.TryGetValue(id, out var upload) || upload.Container != bucket.Container || upload.Key != key ? null
        : Damaged.Contains(id) ? throw new DamagedObjectException(new FormatException()) : upload));

    public async IAsyncEnumerable<Upload> ListAsync(Bucket bucket, UploadRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var uploads = Locked(() => _uploads.Values.Where(upload => !Damaged.Contains(upload.Id) && upload.Container == bucket.Container && upload.Key.StartsWith(range.Prefix, StringComparison.Ordinal)
                && (Order(upload.Key, range.From) > 0 || (upload.Key == range.From && string.CompareOrdinal(upload.Id.Text, range.AfterId?.Text ?? "") > 0)))
            .OrderBy(upload => upload.Key, Comparer<string>.Create(Order)).ThenBy(upload => upload.Id.Text, StringComparer.Ordinal).ToArray());
        foreach (var upload in uploads)
        {
            await Task.Yield();
            yield return upload;
        }
    }

    public ValueTask<bool> RewrapAsync(Upload expected, ObjectKeys keys, CancellationToken cancellationToken) => StepAsync(() => Locked(() =>
    {
        if (!IsCurrent(expected)) return false;
        _uploads[expected.Id] = WithNewVersion(expected with { Object = expected.Object with { Keys = keys } });
        return true;
    }));

    public async ValueTask<bool> EndAsync(Upload expected, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (BeforeEnd is { } before) await before(expected);
        return await StepAsync(() => Locked(() =>
        {
            if (!IsCurrent(expected)) return false;
            _uploads.Remove(expected.Id);
            _ended[expected.Id] = (new(expected.Id, expected.Container, now), expected.Key);
            return true;
        }));
    }

    public ValueTask PutPartAsync(UploadId upload, UploadedPart part, CancellationToken cancellationToken)
    {
        lock (_lock) PartsOf(upload)[part.Number] = part;
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<UploadedPart>> ListPartsAsync(UploadId upload, int after, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Locked<IReadOnlyList<UploadedPart>>(() => [.. PartsOf(upload).Values.Where(part => part.Number > after).Take(limit)]));

    public ValueTask<bool> IsKnownAsync(string container, string key, UploadId id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Locked(() => (_uploads.GetValueOrDefault(id)?.Key ?? _ended.GetValueOrDefault(id).Key) == key));

    public async IAsyncEnumerable<ListedUpload> ListAllAsync(string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (name, upload) in Locked(() => _uploads.Values.ToArray()).Select(upload => (Name: $"{upload.Container}/{upload.Id}", upload)).OrderBy(listed => listed.Name, StringComparer.Ordinal))
        {
            if (string.CompareOrdinal(name, after) <= 0) continue;
            await Task.Yield();
            yield return new(name, Damaged.Contains(upload.Id) ? null : upload);
        }
    }

    public async IAsyncEnumerable<EndedUpload> ListEndedAsync(DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var upload in Locked(() => _ended.Values.Select(ended => ended.Upload).Where(ended => ended.EndedAt < before).ToArray()))
        {
            await Task.Yield();
            yield return upload;
        }
    }

    public ValueTask ForgetPartsAsync(UploadId upload, CancellationToken cancellationToken)
    {
        lock (_lock) _parts.Remove(upload);
        return ValueTask.CompletedTask;
    }

    public async ValueTask ForgetAsync(EndedUpload upload, CancellationToken cancellationToken)
    {
        await ForgetPartsAsync(upload.Id, cancellationToken);
        lock (_lock) _ended.Remove(upload.Id);
    }

    private async ValueTask<T> StepAsync<T>(Func<T> call)
    {
        await Step();
        var result = call();
        await Step();
        return result;
    }

    private static int Order(string x, string y) => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y));

    private bool IsCurrent(Upload expected) => _uploads.TryGetValue(expected.Id, out var upload) && upload.Object.Version == expected.Object.Version;

    private Upload WithNewVersion(Upload upload) => upload with { Object = upload.Object with { Version = $"{++_versions}" } };

    private SortedDictionary<int, UploadedPart> PartsOf(UploadId upload) => _parts.TryGetValue(upload, out var parts) ? parts : _parts[upload] = [];

    private T Locked<T>(Func<T> action)
    {
        lock (_lock) return action();
    }
}
