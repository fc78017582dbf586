using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Encryption;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Rotation;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests.Rotation;

/// <summary>Buckets, objects and uploads under keys whose versions a test turns over, and the pass that goes over them.</summary>
internal sealed class RewrapWorld
{
    public static readonly Caller Caller = Caller.Service("000000000000", "REQUEST");

    private readonly VersionParts _versions;

    public RewrapWorld(TimeProvider? time = null, Func<MemoryStore, SteppedStore>? step = null)
    {
        Store = new(time ?? Time);
        var stepped = step?.Invoke(Store);
        (Objects, Archive) = (stepped ?? (IObjectStore)Store, stepped ?? (IVersionArchive)Store);
        _versions = stepped is null ? new(Store, time ?? Time) : new(stepped, stepped, stepped, time ?? Time);
        Keyring = new(Keys, Keys, Keys, new(new MemoryTrail(), time ?? Time));
        References = new PassReferences(Passes);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.Parse("2026-05-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));

    public MemoryStore Store { get; }

    public IObjectStore Objects { get; }

    public IVersionArchive Archive { get; }

    public MemoryUploadStore Uploads { get; } = new();

    public MemoryRewrapStore Passes { get; } = new();

    public VersionedKeys Keys { get; } = new();

    public DataKeyring Keyring { get; }

    public PassReferences References { get; }

    public VersionParts Versions => _versions;

    public int MaxObjectsPerSecond { get; set; }

    public ValueTask<Upload?> FindAsync(Bucket bucket, Upload upload) => Uploads.FindAsync(bucket, upload.Key, upload.Id, default);

    public async Task<(Upload Upload, byte[] DataKey)> BeginAsync(Bucket bucket, EncryptionMode mode)
    {
        using var keys = await Keyring.CreateForPartsAsync(new(mode, null, EncryptionContext.Empty, false, null), bucket, "upload", Caller, default);
        var description = ObjectStoreContract.Describe() with { Mode = mode, EncryptionContext = null, KmsKeyArn = keys.KmsKeyArn };
        var upload = new Upload(UploadId.New(Time.GetUtcNow()), bucket.Name, bucket.Container, "upload", Time.GetUtcNow(), "", null, false, null, UploadChecksum.Default,
            new(description, keys.Wrapped, null, ""));
        await Uploads.CreateAsync(upload, default);
        return (upload, keys.Inner.Bytes.ToArray());
    }

    public KeyObjects KeyObjects => new(Pages);

    private RewrapPages Pages => new(
        Store, Objects, Archive, _versions.Archived, new(Store, Objects, _versions.Finder, Uploads, NullLogger<RewrapEntries>.Instance), Uploads, NullLogger<RewrapPages>.Instance);

    public RewrapPass Pass(TimeProvider? time = null) => new(
        Pages, new(Keyring, NullLogger<ObjectRewrap>.Instance), Passes, Options.Create(new RewrapOptions { RewrapMaxObjectsPerSecond = MaxObjectsPerSecond }), time ?? Time,
        NullLogger<RewrapPass>.Instance);

    public async Task<Bucket> NewBucketAsync(string name)
    {
        await Store.CreateAsync(new(name, "us-east-1"), default);
        return (await Store.FindAsync(name, default))!;
    }

    public async Task<Dictionary<string, (StoredObject Object, byte[] DataKey)>> PutAllModesAsync(string bucketName, int count)
    {
        var bucket = await NewBucketAsync(bucketName);
        var put = new Dictionary<string, (StoredObject, byte[])>();
        for (var i = 0; i < count; i++)
        {
            var mode = (i % 4) switch { 0 => EncryptionMode.S3, 1 => EncryptionMode.Kms, 2 => EncryptionMode.DoubleKms, _ => EncryptionMode.Kms };
            put[$"key{i}"] = await PutAsync(bucket, $"key{i}", mode, bucketKey: i % 4 == 3);
        }
        return put;
    }

    public async Task<Bucket> NewVersionedBucketAsync(string name = "bucket")
    {
        var bucket = await NewBucketAsync(name) with { Versioning = BucketVersioning.Enabled };
        Assert.True(await Store.TryChangeAsync(bucket, default));
        return (await ((IBucketStore)Store).FindAsync(name, default))!;
    }

    public Task<(StoredObject Object, byte[] DataKey)> PutAsync(Bucket bucket, string key, EncryptionMode mode, bool bucketKey = false) => PutAsync(bucket.At(key), mode, bucketKey);

    public async Task<(StoredObject Object, byte[] DataKey)> PutAsync(ObjectPlace place, EncryptionMode mode, bool bucketKey = false)
    {
        var (bucket, key) = (place.Bucket, place.Key);
        var encryption = new EffectiveEncryption(mode, null, EncryptionContext.Empty, bucketKey, null);
        using var keys = await Keyring.CreateAsync(encryption, bucket, key, Caller, default);
        using var content = new SegmentedBuffer(1);
        var description = ObjectStoreContract.Describe() with { Mode = mode, EncryptionContext = null, KmsKeyArn = keys.KmsKeyArn, Version = place.Archived?.Rank.Text };
        Assert.True(await Store.WriteAsync(place, description, keys.Wrapped, ObjectStoreContract.Streams, content, ExpectedState.Any, default));
        return ((await Store.FindAsync(place, default))!, keys.Inner.Bytes.ToArray());
    }

    public async Task AssertUnderAsync(uint version, string bucketName, Dictionary<string, (StoredObject Object, byte[] DataKey)> put)
    {
        var bucket = (await Store.FindAsync(bucketName, default))!;
        foreach (var (key, (before, dataKey)) in put)
        {
            var after = (await Store.FindAsync(bucket.At(key), default))!;
            Assert.Equal(before.Description, after.Description);
            Assert.Equal(version, Version(after.Keys.BucketKey ?? after.Keys.DataKey));
            if (after.Keys.OuterKey is not null) Assert.Equal(version, Version(after.Keys.OuterKey));
            using var open = await Keyring.OpenAsync(after, null, bucket, key, Caller, default);
            Assert.Equal(dataKey, open.Inner.Bytes.ToArray());
        }
    }

    public static uint Version(byte[] wrapped)
    {
        Assert.True(KeyWrap.TryReadHeader(wrapped, out var header));
        return header.KeyVersion;
    }
}
