using System.Text;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Stored;

/// <summary>Tampering with an object that was uploaded in parts: with its manifest, with the parts' data, and with what belongs to neither any more.</summary>
[Collection(UploadsCollection.Name)]
public sealed class UploadTamperingTests(ServiceFixture service)
{
    private const int PartSize = 5 * TestData.Mebibyte;
    private const int Tag = 32;

    public static TheoryData<string> Modes { get; } = [Mode.S3, Mode.Double, Mode.Customer];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_changed_manifest_is_refused(string mode)
    {
        var bench = await TamperingBench.NewAsync(service, mode, PartSize);
        var (stored, _) = await bench.UploadAsync("object");
        var (other, _) = await bench.UploadAsync("other", seed: 2);
        Assert.True(await bench.GivesOutAsync("object"));
        var manifest = stored.Content;
        foreach (var changed in new[] { Flip(manifest, 0), Flip(manifest, Tag), Flip(manifest, manifest.Length / 2), Flip(manifest, manifest.Length - 1), other.Content, manifest[..^1], [] })
        {
            stored.Content = changed;
            await stored.WriteAsync();
            Assert.False(await bench.GivesOutAsync("object"));
            Assert.False(await bench.GivesOutAsync("object", PartSize - 10, 20));
        }

        // One part less: whoever cannot open the keys cannot tag it.
        var json = JsonNode.Parse(manifest.AsSpan(Tag).ToArray())!;
        json["parts"]!.AsArray().RemoveAt(1);
        stored.Content = [.. manifest[..Tag], .. Encoding.UTF8.GetBytes(json.ToJsonString())];
        var description = stored.Description;
        description["length"] = PartSize;
        description["partsCount"] = 1;
        stored.Description = description;
        await stored.WriteAsync();
        Assert.False(await bench.GivesOutAsync("object"));
        Assert.False(await bench.GivesOutAsync("object", 0, 10));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_part_that_is_changed_cut_exchanged_or_was_replaced_is_refused(string mode)
    {
        var bench = await TamperingBench.NewAsync(service, mode, PartSize);
        var (_, data) = await bench.UploadAsync("object");
        var (_, otherData) = await bench.UploadAsync("other", seed: 2);
        Assert.Equal(3, data.Count);
        var contents = data.Select(part => part.Content).ToArray();
        foreach (var (what, tamper) in new (string, Func<int, byte[]>)[]
        {
            ("a flipped byte", i => Flip(contents[i], 1_000_000)), ("the last byte", i => contents[i][..^1]), ("a chunk's border", i => contents[i][..(56 + 100 * 16_400)]),
            ("nothing left", _ => []), ("other parts of it", i => contents[(i + 1) % 3]), ("another object's", i => otherData[i].Content),
        })
        {
            for (var i = 0; i < data.Count; i++)
            {
                data[i].Content = tamper(i);
                await data[i].WriteAsync();
            }
            Assert.False(await bench.GivesOutAsync("object"), what);
            // In the second part alone.
            Assert.False(await bench.GivesOutAsync("object", PartSize, PartSize), what);
        }
        for (var i = 0; i < data.Count; i++)
        {
            data[i].Content = contents[i];
            await data[i].WriteAsync();
        }
        Assert.True(await bench.GivesOutAsync("object"));
    }

    [Fact]
    public async Task The_key_of_an_SSE_C_manifest_is_bound_to_its_object()
    {
        var bench = await TamperingBench.NewAsync(service, Mode.Customer, PartSize);
        var (stored, _) = await bench.UploadAsync("object");
        var (other, _) = await bench.UploadAsync("other", seed: 2);
        Assert.True(stored.Metadata.ContainsKey("manifestkey"));
        stored.Take(other, "manifestkey");
        await stored.WriteAsync();
        Assert.False(await bench.GivesOutAsync("object"));
        stored.Metadata.Remove("manifestkey");
        await stored.WriteAsync();
        Assert.False(await bench.GivesOutAsync("object"));
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        var changed = bytes.ToArray();
        changed[at] ^= 1;
        return changed;
    }
}
