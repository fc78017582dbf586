namespace Serverless.Audit.Tests.Fakes;

/// <summary>Log files in memory.</summary>
internal sealed class MemoryAuditArchive : IAuditArchive
{
    private readonly Lock gate = new();

    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, IReadOnlyDictionary<string, string>> Metadata { get; } = [];

    /// <summary>Called before and after each change.</summary>
    public Action Step { get; set; } = () => { };

    public IEnumerable<string> LogFiles => Files.Keys.Where(name => name.Contains("/CloudTrail/", StringComparison.Ordinal));

    public ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        Step();
        lock (gate) (Files[name], Metadata[name]) = (content.ToArray(), metadata);
        Step();
        return ValueTask.CompletedTask;
    }

    public ValueTask<Stream?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        lock (gate) return new(Files.TryGetValue(name, out var content) ? new MemoryStream(content) : null);
    }

    public ValueTask RemoveAsync(string name, CancellationToken cancellationToken)
    {
        Step();
        lock (gate) Files.Remove(name);
        Step();
        return ValueTask.CompletedTask;
    }
}
