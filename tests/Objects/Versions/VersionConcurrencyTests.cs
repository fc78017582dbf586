using System.Collections.Immutable;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests.Versions;

/// <summary>Several clients of one key at once, interleaved at every call of the store: what is there in the end is what some order of their requests makes of it.</summary>
public sealed class VersionConcurrencyTests
{
    private const string Key = "key";

    private const string Put = "put";
    private const string Delete = "delete";
    private const string DeleteVersion = "delete version";
    private const string Get = "get";

    [Theory]
    [InlineData(BucketVersioning.Enabled, Put, DeleteVersion, Get)]
    [InlineData(BucketVersioning.Enabled, Delete, DeleteVersion, Get)]
    [InlineData(BucketVersioning.Suspended, Put, DeleteVersion, Get)]
    [InlineData(BucketVersioning.Suspended, Delete, DeleteVersion, Get)]
    public async Task Requests_at_once_are_as_if_one_had_come_after_the_other(BucketVersioning versioning, params string[] kinds)
    {
        for (var seed = 0; seed < 500; seed++) await RunAsync(seed, versioning, kinds, inOrder: true);
    }

    /// <summary>One of the clients gives up in the middle of a request, which may have been carried out then, or be carried out later, or never.</summary>
    [Theory]
    [InlineData(BucketVersioning.Enabled)]
    [InlineData(BucketVersioning.Suspended)]
    public async Task Nor_is_any_where_a_request_among_them_is_cut_short(BucketVersioning versioning)
    {
        for (var seed = 0; seed < 800; seed++) await RunAsync(seed, versioning, [Put, Delete, DeleteVersion], inOrder: false, isCutShort: true);
    }

    /// <summary>A write and a deletion of a key without a current object may come in either order among its versions; but no version is lost or comes back.</summary>
    [Theory]
    [InlineData(BucketVersioning.Enabled)]
    [InlineData(BucketVersioning.Suspended)]
    public async Task No_version_is_lost_and_none_that_was_deleted_comes_back(BucketVersioning versioning)
    {
        for (var seed = 0; seed < 800; seed++) await RunAsync(seed, versioning, [Put, Delete, DeleteVersion], inOrder: false);
    }

    private static async Task RunAsync(int seed, BucketVersioning versioning, string[] kinds, bool inOrder, bool isCutShort = false)
    {
        var random = new Random(seed);
        var turnstile = new Turnstile(random);
        var store = new MemoryStore();
        var callsLeft = new AsyncLocal<Box?>();
        var stepped = new SteppedStore(store, turnstile.PassAsync, () => callsLeft.Value is { } left && --left.Count == 0 ? throw new StoreUnavailableException(new IOException("It is cut short.")) : Task.CompletedTask);
        await store.CreateAsync(new("bucket", "us-east-1"), default);
        var created = (await ((IBucketStore)store).FindAsync("bucket", default))!;
        await store.TryChangeAsync(created with { Versioning = versioning }, default);
        var bucket = new VersionedBucket(stepped, store, new(stepped, stepped, stepped, TimeProvider.System), created with { Versioning = BucketVersioning.Enabled });

        // What there was before, partly under a delete marker, and where it is suspended with a null version.
        for (var i = random.Next(4); i > 0; i--)
        {
            if (random.Next(4) == 0) await bucket.DeleteAsync(Key);
            else await bucket.PutAsync(Key, $"old {i}", withData: true);
        }
        bucket.Configure(versioning);
        if (random.Next(2) == 0) await bucket.PutAsync(Key, "newest", withData: true);
        var before = new VersionModel([.. await bucket.ListAsync(Key, 10)]);

        var requests = new List<Request>();
        var ids = before.Versions.Select(version => version.Id).Append("null").ToList();
        var clients = Enumerable.Range(0, 3).Select(client => (Func<Task>)(async () =>
        {
            if (isCutShort && client == 0) callsLeft.Value = new() { Count = random.Next(1, 12) };
            for (var i = 0; i < 2; i++)
            {
                var (kind, began) = (kinds[random.Next(kinds.Length)], turnstile.Passed);
                var (content, id) = ($"{client}.{i}", ids[random.Next(ids.Count)]);
                Func<VersionModel, string, VersionModel?> apply = kind switch
                {
                    Put => (model, answered) => model.Write(versioning, content, answered),
                    Delete => (model, answered) => model.Write(versioning, null, answered),
                    DeleteVersion => (model, _) => model.Delete(id),
                    _ => (model, answered) => model.Versions.FirstOrDefault()?.Content == answered ? model : null,
                };
                try
                {
                    var answered = kind switch
                    {
                        Put => await bucket.PutAsync(Key, content, withData: true),
                        Delete => await bucket.DeleteAsync(Key),
                        DeleteVersion => $"{await bucket.DeleteAsync(Key, id)}",
                        _ => await bucket.GetAsync(Key),
                    };
                    if (kind is Put or Delete) ids.Add(answered!);
                    requests.Add(new(began, turnstile.Passed, $"{kind} {id} {content} -> {answered}", model => apply(model, answered!)));
                }
                catch (StoreUnavailableException)
                {
                    requests.Add(new(began, int.MaxValue, $"{kind} {id} {content} cut short", model => apply(model, "")));
                    return;
                }
            }
        })).ToList();
        await turnstile.RunAsync(clients);

        var after = new VersionModel([.. await bucket.ListAsync(Key, 10)]);
        Assert.True(IsExplained([.. requests], before, after, inOrder), $"Seed {seed}: {before} became {after} by {string.Join("; ", requests)}");
        Assert.Equal(after.Versions.FirstOrDefault()?.Content, await bucket.GetAsync(Key));
        foreach (var version in after.Versions) Assert.Equal(version.Content, await bucket.GetAsync(Key, version.Id));
        Assert.Superset(await bucket.ReferredAsync(Key), store.DataBlobs.ToHashSet());
    }

    /// <summary>Whether the requests, in an order in which none comes before one that had ended when it began, make of one state the other. One that was cut short need not have done anything.</summary>
    private static bool IsExplained(ImmutableList<Request> requests, VersionModel before, VersionModel after, bool inOrder)
    {
        if (requests.IsEmpty) return inOrder ? before.Fits(after.Versions) : before.FitsInAnyOrder(after.Versions);
        foreach (var first in requests.Where(request => !requests.Any(other => other.Ended < request.Began)))
        {
            if (first.Apply(before) is { } next && IsExplained(requests.Remove(first), next, after, inOrder)) return true;
            if (first.Ended == int.MaxValue && IsExplained(requests.Remove(first), before, after, inOrder)) return true;
        }
        return false;
    }

    /// <param name="Began">How often somebody had passed when it began.</param>
    /// <param name="Apply">What it makes of a state; null where its answer was not that state's.</param>
    private sealed record Request(int Began, int Ended, string What, Func<VersionModel, VersionModel?> Apply)
    {
        public override string ToString() => $"[{Began}, {Ended}] {What}";
    }

    private sealed class Box
    {
        public int Count { get; set; }
    }
}
