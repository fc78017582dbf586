using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Stored;

/// <summary>Whoever can write to the storage account can destroy objects, but can have no other bytes given out than those that were put under that key.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class TamperingTests(ServiceFixture service)
{
    private const int Header = 56;
    private const int SealedChunk = 16400;
    private const int Chunk = 16384;
    private const int Small = 3 * Chunk + 100;
    private const int Large = 9 * TestData.Mebibyte;

    public static TheoryData<string> Modes { get; } = [.. Mode.Stored];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_flipped_byte_anywhere_in_the_data(string mode)
    {
        var bench = await TamperingBench.NewAsync(service, mode, Small);
        var blob = await bench.PutAsync("object");
        Assert.True(await bench.GivesOutAsync("object"));
        // In each chunk the first byte, one inside and the tag's last.
        foreach (var at in new[] { Header, Header + 5000, Header + SealedChunk - 1, Header + SealedChunk, Header + 2 * SealedChunk + 8000, blob.Content.Length - 17, blob.Content.Length - 1 })
        {
            blob.Content[at] ^= 1;
            await blob.WriteAsync();
            Assert.False(await bench.GivesOutAsync("object"), $"byte {at}");
            blob.Content[at] ^= 1;
        }
        await blob.WriteAsync();
        Assert.True(await bench.GivesOutAsync("object"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_flipped_byte_in_a_key_or_in_a_streams_header(string mode)
    {
        var bench = await TamperingBench.NewAsync(service, mode, Small);
        var blob = await bench.PutAsync("object");
        foreach (var name in blob.Metadata.Keys.Where(name => name != StoredBlob.DescriptionEntry).ToList())
        {
            var whole = blob.Metadata[name];
            var bytes = Convert.FromBase64String(whole);
            foreach (var at in new[] { 0, 1, bytes.Length / 3, bytes.Length / 2, bytes.Length - 1 })
            {
                var changed = bytes.ToArray();
                changed[at] ^= 1;
                blob.Metadata[name] = Convert.ToBase64String(changed);
                await blob.WriteAsync();
                Assert.False(await bench.GivesOutAsync("object"), $"{name}, byte {at}");
            }
            blob.Metadata[name] = whole;
        }
        await blob.WriteAsync();
        Assert.True(await bench.GivesOutAsync("object"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Two_objects_swapped_whole_or_in_part(string mode)
    {
        var bench = await TamperingBench.NewAsync(service, mode, Small);
        var one = await bench.PutAsync("one", seed: 1);
        foreach (var (what, tamper) in new (string, Action<StoredBlob, StoredBlob>)[]
        {
            ("everything", (two, from) => { two.Content = from.Content; two.TakeAllMetadata(from); }),
            ("content", (two, from) => two.Content = from.Content),
            ("content and stream headers", (two, from) => { two.Content = from.Content; two.Take(from, StoredBlob.Streams); }),
            ("content, stream headers and keys", (two, from) => { two.Content = from.Content; two.Take(from, [.. StoredBlob.Streams, .. StoredBlob.Keys]); }),
            ("keys", (two, from) => two.Take(from, StoredBlob.Keys)),
            ("description", (two, from) => two.Take(from, StoredBlob.DescriptionEntry)),
        })
        {
            var two = await bench.PutAsync("two", seed: 2);
            tamper(two, one);
            await two.WriteAsync();
            Assert.False(await bench.GivesOutAsync("two"), what);
        }
        Assert.True(await bench.GivesOutAsync("one"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Data_cut_at_a_chunks_border_with_and_without_a_new_length(string mode)
    {
        var bench = await TamperingBench.NewAsync(service, mode, Small);
        foreach (var (kept, length) in new[] { (3, Small), (3, 3 * Chunk), (1, Chunk), (1, Chunk - 1), (0, 0), (4, Small - 1), (4, Chunk), (4, Small + 1), (4, 0) })
        {
            var blob = await bench.PutAsync("object");
            if (kept < 4) blob.Content = blob.Content[..(Header + kept * SealedChunk)];
            var description = blob.Description;
            description["length"] = length;
            blob.Description = description;
            await blob.WriteAsync();
            Assert.False(await bench.GivesOutAsync("object"), $"{kept} chunks, length {length}");
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Chunks_moved_within_and_between_objects(string mode)
    {
        var bench = await TamperingBench.NewAsync(service, mode, Small);
        var other = await bench.PutAsync("other", seed: 2);
        var blob = await bench.PutAsync("object");
        var whole = blob.Content;

        blob.Content = [.. whole[..Header], .. whole[(Header + SealedChunk)..(Header + 2 * SealedChunk)], .. whole[Header..(Header + SealedChunk)], .. whole[(Header + 2 * SealedChunk)..]];
        await blob.WriteAsync();
        Assert.False(await bench.GivesOutAsync("object"));
        // A range inside the exchanged chunks, which never sees the others.
        Assert.False(await bench.GivesOutAsync("object", Chunk + 10, 100));

        blob.Content = [.. whole[..(Header + SealedChunk)], .. other.Content[(Header + SealedChunk)..(Header + 2 * SealedChunk)], .. whole[(Header + 2 * SealedChunk)..]];
        await blob.WriteAsync();
        Assert.False(await bench.GivesOutAsync("object"));
        Assert.False(await bench.GivesOutAsync("object", Chunk + 10, 100));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Another_mode_in_the_description(string mode)
    {
        var bench = await TamperingBench.NewAsync(service, mode, Small);
        var original = (string)(await bench.PutAsync("first")).Description["mode"]!;
        foreach (var other in new[] { "S3", "Kms", "DoubleKms", "Customer", "None", "" }.Where(other => other != original))
        {
            var blob = await bench.PutAsync($"object-{other}");
            var description = blob.Description;
            description["mode"] = other;
            blob.Description = description;
            await blob.WriteAsync();
            Assert.False(await bench.GivesOutAsync($"object-{other}"), other);
        }
    }

    [Theory]
    [InlineData(Mode.S3)]
    [InlineData(Mode.Double)]
    [InlineData(Mode.Customer)]
    public async Task A_staged_objects_manifest_and_data(string mode)
    {
        var bench = await TamperingBench.NewAsync(service, mode, Large);
        var other = await bench.PutAsync("other", seed: 2);
        var otherData = await other.ReadDataAsync(service);
        var blob = await bench.PutAsync("object");
        var manifest = blob.Content;
        Assert.True(await bench.GivesOutAsync("object"));

        foreach (var at in new[] { 0, 31, 32, manifest.Length / 2, manifest.Length - 1 })
        {
            blob.Content = [.. manifest];
            blob.Content[at] ^= 1;
            await blob.WriteAsync();
            Assert.False(await bench.GivesOutAsync("object"), $"manifest, byte {at}");
        }
        // Both the manifest and the description say where the data are.
        var description = blob.Description;
        description["dataBlob"] = (string)other.Description["dataBlob"]!;
        blob.Description = description;
        foreach (var content in new[] { manifest, other.Content })
        {
            blob.Content = content;
            await blob.WriteAsync();
            Assert.False(await bench.GivesOutAsync("object"));
        }
        blob = await bench.PutAsync("object");
        var data = await blob.ReadDataAsync(service);
        byte[][] tamperings =
        [
            otherData.Content, data.Content[..(Header + 500 * SealedChunk)], data.Content[..^1],
            Flip(data.Content, 5 * TestData.Mebibyte), Flip(data.Content, data.Content.Length - 1),
        ];
        foreach (var content in tamperings)
        {
            var tampered = await blob.ReadDataAsync(service);
            tampered.Content = content;
            await tampered.WriteAsync();
            Assert.False(await bench.GivesOutAsync("object"));
        }
        await data.Blob.DeleteAsync();
        Assert.False(await bench.GivesOutAsync("object"));
    }

    private static byte[] Flip(byte[] content, int at)
    {
        byte[] flipped = [.. content];
        flipped[at] ^= 1;
        return flipped;
    }
}
