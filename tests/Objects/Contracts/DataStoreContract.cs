using System.Buffers;
using Serverless.Objects.Bodies;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests;

/// <summary>What every data store promises.</summary>
public abstract class DataStoreContract
{
    private static readonly string[] BlockIds = [Id(1), Id(2), Id(3)];

    private readonly string _name = $"container/{Guid.NewGuid():N}";

    protected abstract IDataStore Data { get; }

    [Fact]
    public async Task Committed_blocks_are_the_content_in_the_order_of_the_commit()
    {
        await StageAsync(BlockIds[1], "second ");
        await StageAsync(BlockIds[0], "first ");
        await StageAsync(BlockIds[2], "dropped");
        Assert.Null(await Data.OpenAsync(_name, new(0, 100), default));
        await Data.CommitAsync(_name, BlockIds[..2], new("bucket", "key"), default);
        Assert.Equal("first second ", await ReadAsync(0, 100));
        Assert.Equal("st sec", await ReadAsync(3, 6));
    }

    [Fact]
    public async Task What_is_written_at_once_is_the_content_and_listed_with_its_owner()
    {
        using var content = new SegmentedBuffer(100);
        content.Write("content"u8);
        await Data.WriteAsync(_name, content, new("my.bucket", "key"), default);
        Assert.Equal("content", await ReadAsync(0, 100));
        Assert.Equal("tent", await ReadAsync(3, 100));
        Assert.Equal(new("my.bucket", "key"), Assert.Single(await ListAsync(DateTimeOffset.UtcNow.AddHours(1)), listed => listed.DataBlob == _name).Owner);
    }

    [Fact]
    public async Task What_was_deleted_is_gone_and_deleting_again_does_no_harm()
    {
        await StageAsync(BlockIds[0], "x");
        await Data.CommitAsync(_name, BlockIds[..1], new("bucket", "key"), default);
        await Data.DeleteAsync(_name, default);
        await Data.DeleteAsync(_name, default);
        Assert.Null(await Data.OpenAsync(_name, new(0, 100), default));
    }

    [Fact]
    public async Task Committed_data_are_listed_with_their_owner_once_they_are_old_enough()
    {
        await StageAsync(BlockIds[0], "x");
        await Data.CommitAsync(_name, BlockIds[..1], new("my.bucket", "ключ/ 😀"), default);
        Assert.DoesNotContain(await ListAsync(DateTimeOffset.UtcNow.AddHours(-1)), listed => listed.DataBlob == _name);
        var owner = Assert.Single(await ListAsync(DateTimeOffset.UtcNow.AddHours(1)), listed => listed.DataBlob == _name).Owner;
        Assert.Equal(new("my.bucket", "ключ/ 😀"), owner);
    }

    private static string Id(int number) => Convert.ToBase64String(BitConverter.GetBytes(number));

    private async Task StageAsync(string blockId, string content)
    {
        using var block = new SegmentedBuffer(100);
        block.Write(System.Text.Encoding.UTF8.GetBytes(content));
        await Data.StageAsync(_name, blockId, block, default);
    }

    private async Task<string> ReadAsync(long offset, long count)
    {
        using var reader = new StreamReader((await Data.OpenAsync(_name, new(offset, count), default))!);
        return await reader.ReadToEndAsync();
    }

    private async Task<List<(string DataBlob, DataOwner Owner)>> ListAsync(DateTimeOffset before)
    {
        var list = new List<(string, DataOwner)>();
        await foreach (var item in Data.ListAsync(before, default)) list.Add(item);
        return list;
    }
}
