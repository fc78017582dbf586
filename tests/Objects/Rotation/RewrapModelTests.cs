using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;
using Serverless.Objects.Rotation;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests.Rotation;

/// <summary>
/// Passes that are killed and gone on with while clients write, delete, copy and complete uploads between any two calls of the stores. When a pass has found that nothing needs the versions of before,
/// nothing does, then and ever after. No request lasts from one pass's visit to the next one's: that is what the proof's margin is for.
/// </summary>
public sealed class RewrapModelTests
{
    private const int Clients = 3;

    private static readonly string[] Keys = ["a", "b", "c/d"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_pass_proves_a_version_unreferenced_that_something_refers_to_then_or_later(bool hasVersions)
    {
        var proofs = 0;
        for (var seed = 0; seed < 250; seed++) proofs += await new History(seed, hasVersions).RunAsync();
        // And most histories come to a proof.
        Assert.True(proofs > 200, $"{proofs} proofs");
    }

    private sealed class History
    {
        private readonly Random _random;
        private readonly Turnstile _turnstile;
        private readonly AsyncLocal<int[]?> _callsLeft = new();
        private readonly RewrapWorld _world;
        private readonly bool _hasVersions;
        private readonly int _seed;
        private Bucket _bucket = null!;

        public History(int seed, bool hasVersions)
        {
            (_seed, _hasVersions, _random) = (seed, hasVersions, new Random(seed));
            _turnstile = new(_random);
            _world = new(TimeProvider.System, store => new(store, StepAsync, StepAsync));
            _world.Uploads.Step = _world.Passes.Step = StepAsync;
        }

        /// <summary>How many proofs there were.</summary>
        public async Task<int> RunAsync()
        {
            _bucket = _hasVersions ? await _world.NewVersionedBucketAsync() : await _world.NewBucketAsync("bucket");
            for (var i = 0; i < 6; i++) await RequestAsync();
            (_world.Keys.MasterVersion, _world.Keys.KmsVersion) = (2, 2);

            var proofs = 0;
            for (var round = 0; round < 4; round++)
            {
                RewrapProgress? progress = null;
                await _turnstile.RunAsync([async () => progress = await PassAsync(), .. Enumerable.Range(0, Clients).Select<int, Func<Task>>(_ => ClientAsync)]);
                if (proofs > 0) await AssertUnreferencedAsync();
                if (progress?.CompletedAt is null || !await IsProvedAsync()) continue;
                proofs++;
                await AssertUnreferencedAsync();
            }
            return Math.Min(proofs, 1);
        }

        private Task StepAsync()
        {
            if (_callsLeft.Value is { } left && --left[0] < 0) throw new OperationCanceledException("It is killed.");
            return _turnstile.PassAsync();
        }

        /// <summary>A run, perhaps killed, and the one that goes on; null when that is killed, too.</summary>
        private async Task<RewrapProgress?> PassAsync()
        {
            for (var run = 0; run < 2; run++)
            {
                _callsLeft.Value = _random.Next(2) == 0 ? [_random.Next(80)] : null;
                try
                {
                    return await _world.Pass(TimeProvider.System).RunAsync(default);
                }
                catch (OperationCanceledException)
                {
                }
            }
            return null;
        }

        private async Task ClientAsync()
        {
            for (var i = _random.Next(3); i >= 0; i--)
            {
                _callsLeft.Value = _random.Next(6) == 0 ? [_random.Next(12)] : null;
                try
                {
                    await RequestAsync();
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        private Task RequestAsync()
        {
            var key = Keys[_random.Next(Keys.Length)];
            return _random.Next(7) switch
            {
                0 or 1 => PutAsync(key, (EncryptionMode)_random.Next(3)),
                2 => DeleteAsync(key),
                3 => CopyAsync(key),
                4 => _world.BeginAsync(_bucket, EncryptionMode.S3),
                5 => DeleteVersionAsync(key),
                _ => CompleteAsync(),
            };
        }

        private async Task PutAsync(string key, EncryptionMode mode)
        {
            using var keys = await _world.Keyring.CreateAsync(new(mode, null, EncryptionContext.Empty, false, null), _bucket, key, RewrapWorld.Caller, default);
            await ReplaceAsync(key, ObjectStoreContract.Describe() with { Mode = mode, EncryptionContext = null, KmsKeyArn = keys.KmsKeyArn }, keys.Wrapped);
        }

        private async Task ReplaceAsync(string key, ObjectDescription description, ObjectKeys keys)
        {
            using var content = new SegmentedBuffer(1);
            for (var attempt = 0; attempt < 20; attempt++)
            {
                var seen = await _world.Objects.FindAsync(_bucket.At(key), default);
                if (await _world.Versions.Replacement.TryAsync(_bucket.At(key), new(description, keys, ObjectStoreContract.Streams, content), seen, default) is not null) return;
            }
        }

        private async Task DeleteAsync(string key)
        {
            if (_hasVersions) await _world.Versions.Deletion.AddMarkerAsync(_bucket.At(key), null, default);
            else await _world.Objects.DeleteAsync(_bucket.At(key), ExpectedState.Any, default);
        }

        /// <summary>A copy in place, which keeps the wraps.</summary>
        private async Task CopyAsync(string key)
        {
            if (await _world.Objects.FindAsync(_bucket.At(key), default) is { } seen)
                await _world.Objects.UpdateAsync(_bucket.At(key), seen, seen.Description with { UserMetadata = new() { ["copy"] = "1" } }, seen.Keys, default);
        }

        /// <summary>The latest version goes, and the one before becomes current.</summary>
        private async Task DeleteVersionAsync(string key)
        {
            if (!_hasVersions) return;
            if (await _world.Versions.Archived.FindNewestAsync(_bucket.At(key), null, default) is { Name: { } name })
                await _world.Versions.Deletion.DeleteAsync(_bucket.At(key), VersionSelection.Of(name.Rank), default);
            await _world.Versions.Deletion.SettleAsync(_bucket.At(key), default);
        }

        /// <summary>As CompleteMultipartUpload does it: the object takes the upload's wraps and is there before the upload has ended.</summary>
        private async Task CompleteAsync()
        {
            Upload? first = null;
            await foreach (var listed in _world.Uploads.ListAllAsync(null, default)) first ??= listed.Upload;
            if (first is null || await _world.FindAsync(_bucket, first) is not { } upload) return;
            await ReplaceAsync(upload.Key, upload.Object.Description, upload.Object.Keys);
            while (!await _world.Uploads.EndAsync(upload, DateTimeOffset.UtcNow, default))
            {
                if (await _world.FindAsync(_bucket, upload) is not { } changed) return;
                upload = changed;
            }
        }

        private async Task<bool> IsProvedAsync()
        {
            foreach (var key in (string[])[VersionedKeys.MasterId, VersionedKeys.KmsId])
            {
                if (await _world.References.FindAsync(key, default) is not { } references || references.Pass.Unreadable > 0 || references.FoundOf(1) > 0) return false;
            }
            return true;
        }

        private async Task AssertUnreferencedAsync()
        {
            var bucket = (await ((IBucketStore)_world.Store).FindAsync("bucket", default))!;
            await foreach (var page in _world.Store.ListAsync(bucket, KeyRange.All, null, default))
                foreach (var listed in page.Objects) AssertCurrent(listed.Object!);
            await foreach (var listed in _world.Uploads.ListAllAsync(null, default)) AssertCurrent(listed.Upload!.Object);
            if (!_hasVersions) return;
            await foreach (var page in _world.Store.ListAsync(bucket, new ArchiveRange(KeyRange.All), null, default))
            {
                foreach (var entry in page.Entries)
                    if (entry.Object is { } archived) AssertCurrent(archived);
            }
        }

        private void AssertCurrent(StoredObject stored) =>
            Assert.False(ObjectReferences.Of(stored).Split(' ').Any(reference => reference.EndsWith(":1", StringComparison.Ordinal)), $"Seed {_seed}: {ObjectReferences.Of(stored)}");
    }
}
