using System.Buffers;
using Serverless.LocalHost.Http;

namespace Serverless.LocalHost.Tests.Http;

public sealed class LargeBlockMemoryPoolTests : IDisposable
{
    private readonly LargeBlockMemoryPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void A_block_of_64_KiB_is_used_again_when_it_came_back()
    {
        var first = _pool.Rent(100);
        Assert.Equal(65536, first.Memory.Length);
        first.Dispose();
        Assert.Equal(1, _pool.Kept);

        Assert.Same(first, _pool.Rent());
        Assert.Equal(0, _pool.Kept);
        Assert.NotSame(first, _pool.Rent());
    }

    [Fact]
    public void A_block_that_is_given_back_twice_is_lent_once()
    {
        var block = _pool.Rent();
        block.Dispose();
        block.Dispose();

        Assert.NotSame(_pool.Rent(), _pool.Rent());
    }

    [Fact]
    public void No_more_than_32_MiB_are_kept()
    {
        var blocks = Enumerable.Range(0, LargeBlockMemoryPool.MaxKept + 10).Select(_ => _pool.Rent()).ToList();
        blocks.ForEach(block => block.Dispose());

        Assert.Equal(32 * 1024 * 1024, _pool.Kept * LargeBlockMemoryPool.BlockSize);
    }

    [Fact]
    public async Task No_two_borrowers_have_the_same_block_at_once()
    {
        await Task.WhenAll(Enumerable.Range(1, 8).Select(id => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                using var block = _pool.Rent();
                block.Memory.Span[0] = (byte)id;
                Thread.SpinWait(10);
                Assert.Equal((byte)id, block.Memory.Span[0]);
            }
        })));
        Assert.InRange(_pool.Kept, 1, 8);
    }

    [Fact]
    public void More_than_a_block_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _pool.Rent(65537));
    }
}
