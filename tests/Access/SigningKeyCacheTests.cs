namespace Serverless.Access.Tests;

public sealed class SigningKeyCacheTests
{
    [Fact]
    public void The_oldest_key_goes_when_there_are_too_many()
    {
        using var cache = new SigningKeyCache(2);
        foreach (var region in (string[])["a", "b", "b", "c"])
        {
            cache.Add(Scope(region), Key(region));
        }
        var key = new byte[SigV4.KeySize];
        Assert.False(cache.TryCopy(Scope("a"), key));
        Assert.True(cache.TryCopy(Scope("b"), key));
        Assert.Equal(Key("b"), key);
        Assert.True(cache.TryCopy(Scope("c"), key));
        Assert.Equal(Key("c"), key);
    }

    [Fact]
    public void No_key_is_left_after_disposal()
    {
        var cache = new SigningKeyCache(1);
        cache.Add(Scope("a"), Key("a"));
        cache.Dispose();
        Assert.False(cache.TryCopy(Scope("a"), new byte[SigV4.KeySize]));
    }

    [Fact]
    public async Task Keys_handed_out_are_whole_while_others_are_evicted()
    {
        using var cache = new SigningKeyCache(2);
        string[] regions = ["a", "b", "c", "d"];
        await Parallel.ForAsync(0, 20_000, (i, _) =>
        {
            var region = regions[i % regions.Length];
            var key = new byte[SigV4.KeySize];
            cache.Add(Scope(region), Key(region));
            if (cache.TryCopy(Scope(region), key))
            {
                Assert.Equal(Key(region), key);
            }
            return default;
        });
    }

    private static CredentialScope Scope(string region) => new($"id/20130524/{region}/s3/aws4_request", "id", "20130524", region, "s3");

    private static byte[] Key(string region) => [.. Enumerable.Repeat((byte)region[0], SigV4.KeySize)];
}
