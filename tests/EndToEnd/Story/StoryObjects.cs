using System.Net;
using Serverless.EndToEnd.Clients;

namespace Serverless.EndToEnd.Story;

/// <summary>The story's objects, in every mode, and what reading each has to come to.</summary>
internal sealed class StoryObjects
{
    private const string Sse = "x-amz-server-side-encryption";

    private readonly Dictionary<string, (byte[] Body, (string Name, string Value)[] KeyHeaders)> _expected = [];
    private readonly List<string> _deleted = [];
    private readonly StoryWorld _world;
    private readonly string _bucket;
    private int _written;

    private StoryObjects(StoryWorld world, string bucket) => (_world, _bucket) = (world, bucket);

    /// <summary>A new bucket for them.</summary>
    public static async Task<StoryObjects> CreateAsync(StoryWorld world, string bucket)
    {
        (await world.SendAsync(new RawRequest("PUT", $"/{bucket}"))).MustBe(HttpStatusCode.OK);
        return new(world, bucket);
    }

    public static (string Name, string Value)[] Managed => [(Sse, "AES256")];

    public static (string Name, string Value)[] Kms(string keyId) => [(Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", keyId)];

    public static (string Name, string Value)[] WithBucketKey(string keyId) => [.. Kms(keyId), ($"{Sse}-bucket-key-enabled", "true")];

    public static (string Name, string Value)[] TwoLayers(string keyId) => [(Sse, "aws:kms:dsse"), ($"{Sse}-aws-kms-key-id", keyId)];

    /// <summary>Writes an object, or overwrites it.</summary>
    public async Task PutAsync(string key, (string Name, string Value)[] mode, int size = 1000)
    {
        var body = TestData.Bytes(size, seed: ++_written);
        (await _world.SendAsync(RawRequest.Put(_bucket, key, body, mode))).MustBe(HttpStatusCode.OK);
        _expected[key] = (body, []);
    }

    /// <summary>Brings an object into another mode where it is.</summary>
    public async Task ReencryptAsync(string key, (string Name, string Value)[] mode) =>
        (await _world.SendAsync(RawRequest.Copy(_bucket, key, _bucket, key, mode))).MustBe(HttpStatusCode.OK);

    public async Task DeleteAsync(string key)
    {
        (await _world.SendAsync(RawRequest.Delete(_bucket, key))).MustBe(HttpStatusCode.NoContent);
        _expected.Remove(key);
        _deleted.Add(key);
    }

    /// <summary>Every object that is there reads as it was written, those of <paramref name="unreadable"/> are refused as that says, and what was deleted is gone.</summary>
    public async Task VerifyAsync(IReadOnlyDictionary<string, string>? unreadable = null)
    {
        foreach (var (key, (body, keyHeaders)) in _expected)
        {
            var answer = await _world.SendAsync(RawRequest.Get(_bucket, key, keyHeaders));
            if (unreadable is not null && unreadable.TryGetValue(key, out var error)) Assert.Equal((key, error), (key, answer.ErrorCode));
            else Assert.True(body.AsSpan().SequenceEqual(answer.MustBe(HttpStatusCode.OK).Body), key);
        }
        foreach (var key in _deleted.Except(_expected.Keys)) Assert.Equal("NoSuchKey", (await _world.SendAsync(RawRequest.Get(_bucket, key))).ErrorCode);
    }
}
