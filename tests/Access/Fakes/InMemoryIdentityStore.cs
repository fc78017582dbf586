using System.Collections.Concurrent;
using System.Globalization;

namespace Serverless.Access.Tests;

/// <summary>Users in memory, with a hook before every call, and a count of calls.</summary>
public sealed class InMemoryIdentityStore : IIdentityStore
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, User> users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AccessKeyOwner> owners = [];
    private int etag;

    /// <summary>Awaited with the method's name before it does anything.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<string> Calls { get; } = [];

    public ValueTask<User?> FindUserAsync(string name, CancellationToken cancellationToken) =>
        DoAsync(nameof(FindUserAsync), () => users.GetValueOrDefault(KeyOf(name)));

    public ValueTask<AccessKeyOwner?> FindOwnerAsync(string accessKeyId, CancellationToken cancellationToken) =>
        DoAsync(nameof(FindOwnerAsync), () => owners.GetValueOrDefault(accessKeyId));

    public ValueTask<IReadOnlyList<User>> ListUsersAsync(string? after, int limit, CancellationToken cancellationToken) => DoAsync<IReadOnlyList<User>>(
        nameof(ListUsersAsync),
        () => [.. users.Where(user => after is null || string.CompareOrdinal(user.Key, KeyOf(after)) > 0).Take(limit).Select(user => user.Value)]);

    public ValueTask<bool> TryCreateAsync(User user, CancellationToken cancellationToken) =>
        DoAsync(nameof(TryCreateAsync), () => users.TryAdd(KeyOf(user.Name), Stamped(user)));

    public ValueTask<bool> TryChangeAsync(User seen, User changed, CancellationToken cancellationToken) => DoAsync(nameof(TryChangeAsync), () =>
    {
        var (before, after) = (KeyOf(seen.Name), KeyOf(changed.Name));
        string[] ids = [.. changed.AccessKeys.Select(key => key.Id)], known = [.. seen.AccessKeys.Select(key => key.Id)];
        if (users.GetValueOrDefault(before)?.ETag != seen.ETag || (before != after && users.ContainsKey(after)) || ids.Except(known).Any(owners.ContainsKey))
        {
            return false;
        }
        users.Remove(before);
        users[after] = Stamped(changed);
        foreach (var id in known.Except(ids)) owners.Remove(id);
        foreach (var id in ids) owners[id] = new(id, after, owners.GetValueOrDefault(id)?.LastUse, Stamp());
        return true;
    });

    public ValueTask<bool> TryDeleteAsync(User seen, CancellationToken cancellationToken) => DoAsync(nameof(TryDeleteAsync), () =>
    {
        if (users.GetValueOrDefault(KeyOf(seen.Name))?.ETag != seen.ETag) return false;
        foreach (var key in seen.AccessKeys) owners.Remove(key.Id);
        return users.Remove(KeyOf(seen.Name));
    });

    public ValueTask<bool> TryNoteUseAsync(AccessKeyOwner seen, AccessKeyUse use, CancellationToken cancellationToken) => DoAsync(nameof(TryNoteUseAsync), () =>
    {
        if (owners.GetValueOrDefault(seen.AccessKeyId)?.ETag != seen.ETag) return false;
        owners[seen.AccessKeyId] = seen with { LastUse = use, ETag = Stamp() };
        return true;
    });

    private static string KeyOf(string name) => name.ToLowerInvariant();

    private string Stamp() => (++etag).ToString(CultureInfo.InvariantCulture);

    private User Stamped(User user) => user with { ETag = Stamp() };

    private async ValueTask<T> DoAsync<T>(string name, Func<T> action)
    {
        Calls.Enqueue(name);
        await Before(name);
        lock (gate) return action();
    }
}
