using Serverless.Keys;
using Serverless.Objects.Rotation;

namespace Serverless.Objects.Tests;

/// <summary>What every store of a re-wrap pass must do. Stores of other tests, and other passes, may be there.</summary>
public abstract class RewrapStoreContract
{
    private const string Kms = "us-east-1/11111111-2222-4333-8444-555555555555";

    protected abstract IRewrapStore Store { get; }

    [Fact]
    public async Task A_note_is_read_back_as_it_was_written_and_replaces_only_the_one_that_it_was_read_as()
    {
        var before = await Store.ReadAsync(default);
        var note = RewrapNote.Begin(before, DateTimeOffset.UtcNow);
        note.Enter(new("bucket", IsUploads: false));
        note.Position = new(RewrapStage.Archive, "bucket", "token");
        note.Expect("one", $"{KeyVersionName.Master}:1 {Kms}:2");
        note.Settle("one", $"{KeyVersionName.Master}:1 {Kms}:2", new($"{KeyVersionName.Master}:3", IsRewrapped: true));
        note.Expect("two", "?");
        note.Expect("three", "?");
        Assert.True(await Store.TryWriteAsync(note, default));
        var read = (await Store.ReadAsync(default))!;
        Assert.Equivalent(note, read, strict: true);
        Assert.False(read.Expect("two", "?"));

        Assert.False(await Store.TryWriteAsync(RewrapNote.Begin(before, DateTimeOffset.UtcNow), default));
        read.Complete(DateTimeOffset.UtcNow);
        Assert.True(await Store.TryWriteAsync(read, default));
        Assert.False(await Store.TryWriteAsync(note, default));
        Assert.Equivalent(read, await Store.ReadAsync(default), strict: true);
    }

    [Fact]
    public async Task What_was_found_is_listed_by_key_and_what_is_filed_again_takes_its_place()
    {
        var (pass, other) = (Guid.NewGuid(), Guid.NewGuid());
        await Store.FileAsync(pass, new(new("b.two", false), new() { [$"{KeyVersionName.Master}:1"] = new(9, 9) }), default);
        await Store.FileAsync(pass, new(new("b.two", false), new() { [$"{KeyVersionName.Master}:1"] = new(2, 1), [$"{Kms}:7"] = new(long.MaxValue, 0) }), default);
        await Store.FileAsync(pass, new(new("b.two", true), new() { [$"{KeyVersionName.Master}:1"] = new(3, 0), [$"{KeyVersionName.Master}:4294967295"] = new(0, 4) }), default);
        await Store.FileAsync(pass, new(new("a-one", false), Enumerable.Range(1, 250).ToDictionary(version => $"{KeyVersionName.Master}:{version}", version => new ReferenceCount(version, 0))), default);
        await Store.FileAsync(other, new(new("b.two", false), new() { [$"{KeyVersionName.Master}:1"] = new(5, 5) }), default);

        Assert.Equal([new("b.two", 7, long.MaxValue, 0)], await ListAsync(pass, Kms));
        var master = await ListAsync(pass, KeyVersionName.Master);
        Assert.Equal(253, master.Count);
        Assert.Equal(250, master.Count(references => references.Bucket == "a-one" && references.Found == references.Version));
        Assert.Equal([new("b.two", 1, 2, 1), new("b.two", 1, 3, 0), new("b.two", uint.MaxValue, 0, 4)],
            master.Where(references => references.Bucket == "b.two").OrderBy(references => (references.Version, references.Found)));

        await Store.ForgetAsync(pass, default);
        Assert.Empty(await ListAsync(pass, KeyVersionName.Master));
        Assert.Empty(await ListAsync(pass, Kms));
        Assert.Single(await ListAsync(other, KeyVersionName.Master));
    }

    private async Task<List<BucketReferences>> ListAsync(Guid pass, string key)
    {
        var list = new List<BucketReferences>();
        await foreach (var references in Store.ListAsync(pass, key, default)) list.Add(references);
        return list;
    }
}
