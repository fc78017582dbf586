namespace Serverless.Audit.Tests.Fakes;

/// <summary>A store whose first write waits until the test lets it go, that counts writes, and refuses the rows of one event.</summary>
internal sealed class GatedStore(IAuditStore store) : IAuditStore
{
    private readonly TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int writes;

    public string? Refused { get; init; }

    public int Writes => writes;

    public Task Entered => entered.Task;

    public void Open() => opened.SetResult();

    public async Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken)
    {
        entered.TrySetResult();
        await opened.Task.WaitAsync(cancellationToken);
        Interlocked.Increment(ref writes);
        if (Refused is not null && rows.Any(row => row.Key.Contains(Refused, StringComparison.Ordinal))) throw new IOException("Refused.");
        await store.PutAsync(partition, rows, cancellationToken);
    }

    public Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync(partition, after, before, limit, cancellationToken);

    public Task<string?> FindPartitionAsync(string first, string last, CancellationToken cancellationToken) => store.FindPartitionAsync(first, last, cancellationToken);

    public Task RemoveAsync(string partition, CancellationToken cancellationToken) => store.RemoveAsync(partition, cancellationToken);
}
