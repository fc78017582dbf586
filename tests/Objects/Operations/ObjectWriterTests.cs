using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Encryption;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Operations;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests.Operations;

/// <summary>No audit, no key: under a bucket key that is shared, the use is recorded while the body comes, and still before the object is there.</summary>
public sealed class ObjectWriterTests
{
    private static readonly Caller Caller = Caller.Service("000000000000", "REQUEST");

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStore _store;
    private readonly GatedTrail _trail = new();
    private readonly DataKeyring _keyring;

    public ObjectWriterTests()
    {
        var keys = new VersionedKeys();
        (_store, _keyring) = (new(_time), new(keys, keys, keys, new(_trail, _time)));
    }

    public static TheoryData<int, string?> Writes => new() { { 10, null }, { 10, "*" }, { 9 << 20, null } };

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task An_object_is_there_only_when_the_use_of_its_bucket_key_is_recorded(int size, string? ifNoneMatch)
    {
        var bucket = await NewBucketAsync();
        await WriteAsync(bucket, "first", 1, null);
        _trail.Gate = new();
        var writing = WriteAsync(bucket, "key", size, ifNoneMatch);
        await _trail.Asked.Task;
        await Task.WhenAny(writing, Task.Delay(50));
        Assert.False(writing.IsCompleted);
        Assert.Null(await _store.FindAsync(bucket.At("key"), default));
        _trail.Gate.SetResult();
        await writing;
        Assert.NotNull(await _store.FindAsync(bucket.At("key"), default));
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Where_the_trail_is_unavailable_nothing_is_written(int size, string? ifNoneMatch)
    {
        var bucket = await NewBucketAsync();
        await WriteAsync(bucket, "first", 1, null);
        _trail.Gate = new();
        _trail.Gate.SetException(new AuditUnavailableException());
        await Assert.ThrowsAsync<AuditUnavailableException>(() => WriteAsync(bucket, "key", size, ifNoneMatch));
        Assert.Null(await _store.FindAsync(bucket.At("key"), default));
    }

    private async Task WriteAsync(Bucket bucket, string key, int size, string? ifNoneMatch)
    {
        var encryption = new EffectiveEncryption(EncryptionMode.Kms, null, EncryptionContext.Empty, BucketKey: true, null);
        using var keys = await _keyring.CreateAsync(encryption, bucket, key, Caller, default);
        using var digests = new BodyDigests(ChecksumAlgorithm.CRC32, md5IsETag: false);
        using var plaintext = new StreamPlaintext(new MemoryStream(new byte[size]));
        var body = new IncomingBody(plaintext, size, digests, keys.Plain, new byte[StreamContext.IdSize], StreamContext.WholeObject);
        var headers = new HeaderDictionary();
        if (ifNoneMatch is not null) headers["If-None-Match"] = ifNoneMatch;
        var parts = new VersionParts(_store, _time);
        var writer = new ObjectWriter(_store, parts.Replacement, parts.Large, _time);
        await writer.WriteAsync(new(bucket, key, body, encryption, keys, [], [], Tags: null), Preconditions.Read(headers), default);
    }

    private async Task<Bucket> NewBucketAsync()
    {
        await _store.CreateAsync(new("bucket", "us-east-1"), default);
        return (await _store.FindAsync("bucket", default))!;
    }

    /// <summary>A trail whose queue takes its time.</summary>
    private sealed class GatedTrail : IAuditTrail
    {
        public TaskCompletionSource? Gate { get; set; }

        public TaskCompletionSource Asked { get; } = new();

        public ValueTask RecordAsync(AuditEvent auditEvent, CancellationToken cancellationToken)
        {
            if (Gate is null) return ValueTask.CompletedTask;
            Asked.TrySetResult();
            return new(Gate.Task);
        }
    }
}
