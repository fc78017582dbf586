using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Keys;
using Serverless.Objects.Rotation;

namespace Serverless.Objects.Tests;

/// <summary>A pass's note and what it has found, in memory; the note as the JSON that it is stored as.</summary>
internal sealed class MemoryRewrapStore : IRewrapStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid Pass, RewrapSection Section), Dictionary<string, ReferenceCount>> _filed = [];
    private string? _note;
    private int _etag;

    /// <summary>Runs after each note, to cut a pass short.</summary>
    public Action? AfterNote { get; set; }

    /// <summary>Runs before each call and behind it, and may fail.</summary>
    public Func<Task> Step { get; set; } = () => Task.CompletedTask;

    public IEnumerable<Guid> Passes => Locked(() => _filed.Keys.Select(filed => filed.Pass).Distinct().ToList());

    public ValueTask<RewrapNote?> ReadAsync(CancellationToken cancellationToken) => StepAsync(() =>
    {
        if (_note is null) return null;
        var note = JsonSerializer.Deserialize<RewrapNote>(_note)!;
        note.ETag = _etag.ToString(CultureInfo.InvariantCulture);
        return note;
    });

    public async ValueTask<bool> TryWriteAsync(RewrapNote note, CancellationToken cancellationToken)
    {
        var isWritten = await StepAsync(() =>
        {
            if (note.ETag != (_note is null ? null : _etag.ToString(CultureInfo.InvariantCulture))) return false;
            _note = JsonSerializer.Serialize(note);
            note.ETag = (++_etag).ToString(CultureInfo.InvariantCulture);
            return true;
        });
        AfterNote?.Invoke();
        return isWritten;
    }

    public async ValueTask FileAsync(Guid pass, FinishedSection finished, CancellationToken cancellationToken) =>
        await StepAsync(() => _filed[(pass, finished.Section)] = finished.Counts.ToDictionary());

    public async IAsyncEnumerable<BucketReferences> ListAsync(Guid pass, string key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await StepAsync(() => _filed.Where(filed => filed.Key.Pass == pass)
            .SelectMany(filed => filed.Value.Select(count => (filed.Key.Section, Name: count.Key, Count: count.Value))).ToList());
        foreach (var (section, text, count) in found)
        {
            if (KeyVersionName.TryParse(text, out var name) && name.Value.Key == key) yield return new(section.Bucket, name.Value.Version, count.Found, count.Left);
        }
    }

    public async ValueTask ForgetAsync(Guid pass, CancellationToken cancellationToken) => await StepAsync(() =>
    {
        foreach (var filed in _filed.Keys.Where(filed => filed.Pass == pass).ToList()) _filed.Remove(filed);
        return true;
    });

    private async ValueTask<T> StepAsync<T>(Func<T> action)
    {
        await Step();
        var result = Locked(action);
        await Step();
        return result;
    }

    private T Locked<T>(Func<T> action)
    {
        lock (_lock) return action();
    }
}
