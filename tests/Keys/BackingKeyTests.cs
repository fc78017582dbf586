using Serverless.Encryption;

namespace Serverless.Keys.Tests;

public sealed class BackingKeyTests
{
    [Fact]
    public void A_key_that_the_cache_has_dropped_is_zeroed_when_its_last_holder_is_done_and_not_before()
    {
        SecretKey secret = SecretKey.Generate();
        var key = new BackingKey("k", 1, "m", secret);
        Assert.True(key.TryHold());
        key.Dispose();
        byte[] wrapped = key.Wrap(EncryptionContext.Empty, "text"u8);
        Span<byte> text = stackalloc byte[4];
        Assert.True(key.TryUnwrap(wrapped, EncryptionContext.Empty, text));
        Assert.True(text.SequenceEqual("text"u8));

        key.Dispose();
        Assert.False(key.TryHold());
        Assert.Throws<ObjectDisposedException>(() => { _ = secret.Bytes; });
    }

    [Fact]
    public async Task Holders_that_race_with_the_cache_either_use_the_key_or_do_not_get_it()
    {
        for (int round = 0; round < 200; round++)
        {
            using SecretKey known = SecretKey.Generate();
            var key = new BackingKey("k", 1, "m", SecretKey.Copy(known.Bytes));
            Task drop = Task.Run(key.Dispose);
            await Parallel.ForAsync(0, 8, (_, _) =>
            {
                if (key.TryHold())
                {
                    using (key)
                    {
                        byte[] wrapped = key.Wrap(EncryptionContext.Empty, "text"u8);
                        Assert.True(KeyWrap.TryUnwrap(known.Bytes, wrapped, EncryptionContext.Empty, new byte[4]));
                    }
                }

                return default;
            });
            await drop;
            Assert.False(key.TryHold());
        }
    }
}
