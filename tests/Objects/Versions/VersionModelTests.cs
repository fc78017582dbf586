using Serverless.Objects.Buckets;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests.Versions;

/// <summary>Random histories of a versioned bucket against a model of S3's versioning: what is listed, what is read, and which data are kept.</summary>
public sealed class VersionModelTests
{
    private static readonly string[] Keys = ["a", "a/b", "b "];

    [Theory]
    [InlineData(60)]
    public async Task A_bucket_does_what_S3s_versioning_does(int histories)
    {
        for (var seed = 0; seed < histories; seed++) await new History(seed, faults: false).RunAsync(40);
    }

    /// <summary>Each request may fail at any call of the store, before it or with its answer lost, and is then sent again; in between, the key may be read.</summary>
    [Theory]
    [InlineData(120)]
    public async Task A_request_that_failed_at_any_step_and_is_sent_again_has_done_what_it_was_to_do(int histories)
    {
        for (var seed = 0; seed < histories; seed++) await new History(seed, faults: true).RunAsync(25);
    }

    private sealed class History
    {
        private readonly Random _random;
        private readonly bool _faults;
        private readonly int _seed;
        private readonly AstrayClock _time;
        private readonly MemoryStore _store;
        private readonly SteppedStore _stepped;
        private readonly Dictionary<string, VersionModel> _models = Keys.ToDictionary(key => key, _ => VersionModel.Empty);
        private readonly List<string> _log = [];
        private VersionedBucket _bucket = null!;

        /// <summary>How many calls may still be made before one fails, and whether that one is made; null for none that fails.</summary>
        private (int Calls, bool IsMade)? _fault;

        public History(int seed, bool faults)
        {
            (_seed, _faults, _random) = (seed, faults, new Random(seed));
            _time = new(_random);
            _store = new(_time, pageSize: 2);
            _stepped = new(_store, BeforeAsync, BehindAsync);
        }

        public async Task RunAsync(int steps)
        {
            await _store.CreateAsync(new("bucket", "us-east-1"), default);
            var created = (await ((IBucketStore)_store).FindAsync("bucket", default))!;
            _bucket = new(_stepped, _store, new(_stepped, _stepped, _stepped, _time), created);
            for (var step = 0; step < steps; step++) await StepAsync(step, created);
        }

        private async Task StepAsync(int step, Bucket created)
        {
            var key = Keys[_random.Next(Keys.Length)];
            var model = _models[key];
            var ids = model.Versions.Select(version => version.Id).Append("null").ToList();
            var id = ids[_random.Next(ids.Count)];
            var (content, withData) = ($"content {step}", _random.Next(2) == 0);
            switch (_random.Next(10))
            {
                case 0:
                    var versioning = (BucketVersioning)_random.Next(1, 3);
                    var current = (await ((IBucketStore)_store).FindAsync("bucket", default))!;
                    Assert.True(await _store.TryChangeAsync(current with { Versioning = versioning }, default));
                    _bucket.Configure(versioning);
                    _log.Add($"{versioning}");
                    return;
                case < 5:
                    await DoAsync(key, $"put {key} {content}", () => _bucket.PutAsync(key, content, withData), (before, answered) => before.Write(_bucket.Versioning, content, answered));
                    break;
                case < 8:
                    await DoAsync(key, $"delete {key}", () => _bucket.DeleteAsync(key), (before, answered) => before.Write(_bucket.Versioning, null, answered));
                    break;
                default:
                    await DoAsync(key, $"delete {key} {id}", async () => $"{await _bucket.DeleteAsync(key, id)}", (before, _) => before.Delete(id));
                    break;
            }
        }

        /// <summary>Sends a request, perhaps with a fault, and again until it is answered; then all that can be seen must be what the model says, of the request being carried out once or each time.</summary>
        private async Task DoAsync(string key, string what, Func<Task<string>> request, Func<VersionModel, string, VersionModel> apply)
        {
            var possible = new List<VersionModel> { _models[key] };
            if (_faults) _fault = (_random.Next(14), _random.Next(2) == 0);
            string? answered = null;
            while (answered is null)
            {
                try
                {
                    answered = await request();
                }
                catch (StoreUnavailableException)
                {
                    // It may have been carried out or not, and the client does not know.
                    possible.AddRange([.. possible.Select(model => apply(model, _bucket.Versioning is BucketVersioning.Enabled ? "" : "null"))]);
                    _log.Add($"{what} failed");
                    _fault = null;
                    if (_random.Next(2) == 0) await _bucket.GetAsync(key);
                }
            }
            _fault = null;
            _log.Add($"{what} -> {answered}");
            possible = [.. possible.Select(model => apply(model, answered))];

            var seen = await _bucket.ListAsync(key, _random.Next(1, 5));
            Assert.True(possible.Exists(model => model.Fits(seen)),
                $"Seed {_seed}: {new VersionModel([.. seen])} is none of {string.Join(" | ", possible)} after {string.Join("; ", _log)}");
            if (answered.Length == VersionRank.Length) Assert.Contains(seen, version => version.Id == answered);
            _models[key] = new([.. seen]);
            Assert.Equal(seen.FirstOrDefault()?.Content, await _bucket.GetAsync(key));
            foreach (var version in seen) Assert.Equal(version.Content, await _bucket.GetAsync(key, version.Id));
            var referred = await _bucket.ReferredAsync(Keys);
            if (_faults) Assert.Superset(referred, _store.DataBlobs.ToHashSet());
            else Assert.Equal(referred.Order(), _store.DataBlobs.Order());
        }

        private Task BeforeAsync() => _fault is (0, false) ? throw Lost() : Task.CompletedTask;

        private Task BehindAsync()
        {
            if (_fault is not var (calls, isMade)) return Task.CompletedTask;
            if (calls == 0 && isMade) throw Lost();
            _fault = (calls - 1, isMade);
            return Task.CompletedTask;
        }

        private static StoreUnavailableException Lost() => new(new IOException("The test's fault."));
    }

    /// <summary>The clocks of several instances, each a little off, and all of them slow.</summary>
    private sealed class AstrayClock(Random random) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero).AddTicks(random.Next(20) == 0 ? -random.Next(50_000_000) : random.Next(3));
    }
}
