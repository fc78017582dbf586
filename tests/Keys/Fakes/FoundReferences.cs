namespace Serverless.Keys.Tests;

/// <summary>What a test says that passes have found.</summary>
public sealed class FoundReferences : IKeyReferences
{
    private readonly Dictionary<string, List<BucketReferences>> _found = [];

    /// <summary>The latest pass; null: there was none.</summary>
    public ReferencePass? Pass { get; set; }

    /// <summary>Awaited before the answer.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    /// <summary>A pass of an hour that is complete now, and has found nothing but what is added.</summary>
    public void Complete(DateTimeOffset now, long unreadable = 0)
    {
        _found.Clear();
        Pass = new(Guid.NewGuid(), now.AddHours(-1), now, 1000, unreadable);
    }

    public void Add(string key, BucketReferences found)
    {
        if (!_found.TryGetValue(key, out List<BucketReferences>? list))
        {
            _found[key] = list = [];
        }

        list.Add(found);
    }

    public async ValueTask<KeyReferences?> FindAsync(string key, CancellationToken cancellationToken)
    {
        await Before();
        return Pass is null ? null : new(Pass, [.. _found.GetValueOrDefault(key) ?? []]);
    }
}
