using System.Net;
using Serverless.EndToEnd.Clients;

namespace Serverless.EndToEnd.Story;

/// <summary>The story's objects, in every mode, and what reading each has to come to.</summary>
internal sealed class StoryObjects(StoryWorld world, string bucket)
{
    private const string Sse = "x-amz-server-side-encryption";

    private readonly Dictionary<string, (byte[] Body, (string Name, string Value)[] KeyHeaders)> _expected = [];
    private readonly List<string> _deleted = [];
    private int _written;

    public int Count => _expected.Count;

    public static (string Name, string Value)[] Managed => [(Sse, "AES256")];

    public static (string Name, string Value)[] Kms(string keyId) => [(Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", keyId)];

    public static (string Name, string Value)[] WithBucketKey(string keyId) => [.. Kms(keyId), ($"{Sse}-bucket-key-enabled", "true")];

    public static (string Name, string Value)[] TwoLayers(string keyId) => [(Sse, "aws:kms:dsse"), ($"{Sse}-aws-kms-key-id", keyId)];

    /// <summary>Writes an object, or overwrites it.</summary>
    public async Task PutAsync(string key, (string Name, string Value)[] mode, int size = 1000)
    {
        var body = TestData.Bytes(size, seed: ++_written);
        (await world.SendAsync(RawRequest.Put(bucket, key, body, mode))).MustBe(HttpStatusCode.OK);
        _expected[key] = (body, []);
    }

    /// <summary>Brings an object into another mode where it is.</summary>
    public async Task ReencryptAsync(string key, (string Name, string Value)[] mode) =>
        (await world.SendAsync(RawRequest.Copy(bucket, key, bucket, key, mode))).MustBe(HttpStatusCode.OK);

    public async Task DeleteAsync(string key)
    {
        (await world.SendAsync(RawRequest.Delete(bucket, key))).MustBe(HttpStatusCode.NoContent);
        _expected.Remove(key);
        _deleted.Add(key);
    }

    /// <summary>Every object that is there reads as it was written, those of <paramref name="unreadable"/> are refused as that says, and what was deleted is gone.</summary>
    public async Task VerifyAsync(IReadOnlyDictionary<string, string>? unreadable = null)
    {
        foreach (var (key, (body, keyHeaders)) in _expected)
        {
            var answer = await world.SendAsync(RawRequest.Get(bucket, key, keyHeaders));
            if (unreadable is not null && unreadable.TryGetValue(key, out var error)) Assert.Equal((key, error), (key, answer.ErrorCode));
            else Assert.True(body.AsSpan().SequenceEqual(answer.MustBe(HttpStatusCode.OK).Body), key);
        }
        foreach (var key in _deleted.Except(_expected.Keys)) Assert.Equal("NoSuchKey", (await world.SendAsync(RawRequest.Get(bucket, key))).ErrorCode);
    }
}
