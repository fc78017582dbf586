using System.Text;
using CsCheck;
using Serverless.Objects.Listing;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Storage.Tests;

public sealed class ArchiveBlobsTests
{
    private static readonly Gen<ArchivedName> Names = Gen.Select(Gen.Int[0, 3], Gen.Byte[0, 2], Gen.Char['a', 'c']).Select((time, id, copy) =>
        new ArchivedName(VersionRank.Of(DateTimeOffset.UnixEpoch.AddTicks(time), [.. Enumerable.Repeat(id, 16)]), new(copy, ArchivedName.CopyLength)));

    private static readonly Gen<(string Key, ArchivedName Name)> Entries = Gen.Select(BlobNameTests.Keys, Names);

    [Fact]
    public void A_name_gives_key_and_entry_back() => Entries.Sample(entry => Assert.Equal(entry, ArchiveBlobs.Read(ArchiveBlobs.NameOf(entry.Key, entry.Name))), iter: 100_000);

    [Fact]
    public void Names_are_in_the_order_of_their_keys_UTF8_bytes_and_of_one_key_in_that_of_the_entries() => Gen.Select(Entries, Entries).Sample((first, second) =>
    {
        var order = Math.Sign(KeyOrder.Instance.Compare(first.Key, second.Key) is not 0 and var byKey ? byKey : string.CompareOrdinal(first.Name.ToString(), second.Name.ToString()));
        var (a, b) = (ArchiveBlobs.NameOf(first.Key, first.Name), ArchiveBlobs.NameOf(second.Key, second.Name));
        Assert.Equal(order, Math.Sign(string.CompareOrdinal(a, b)));
        Assert.Equal(order, Math.Sign(Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))));
    }, iter: 200_000);

    [Fact]
    public void The_prefix_of_a_key_is_that_of_its_names_and_of_no_others() => Gen.Select(Entries, BlobNameTests.Keys).Sample((entry, key) =>
        Assert.Equal(entry.Key == key, ArchiveBlobs.NameOf(entry.Key, entry.Name).StartsWith(ArchiveBlobs.PrefixOf(key), StringComparison.Ordinal)), iter: 100_000);

    [Fact]
    public void A_lower_bound_parts_what_is_before_it_from_the_rest() => Gen.Select(Entries, BlobNameTests.Keys, Names, Gen.Bool).Sample((entry, from, behind, isBehind) =>
    {
        VersionRank? rank = isBehind ? behind.Rank : null;
        var order = KeyOrder.Instance.Compare(entry.Key, from);
        var isIn = order > 0 || (order == 0 && (rank is null || entry.Name.Rank.IsOlderThan(rank.Value)));
        var (name, bound) = (ArchiveBlobs.NameOf(entry.Key, entry.Name), ArchiveBlobs.LowerBound(from, rank));
        Assert.Equal(isIn, string.CompareOrdinal(name, bound) >= 0);
        Assert.Equal(isIn, KeyOrder.Instance.Compare(name, bound) >= 0);
    }, iter: 100_000);

    [Fact]
    public void A_name_of_no_entry_gives_none() => Gen.Select(BlobNameTests.Keys, Names, Gen.Int[0, 70]).Sample((key, name, cut) =>
    {
        var text = ArchiveBlobs.NameOf(key, name);
        foreach (var other in (string[])[text[Math.Min(cut, text.Length)..], text[..^Math.Min(cut, text.Length)], BlobName.FromKey(key) + name])
        {
            if (ArchiveBlobs.Read(other) is var (readKey, readName)) Assert.Equal(other, ArchiveBlobs.NameOf(readKey, readName));
        }
    }, iter: 50_000);

    [Fact]
    public void A_name_holds_nothing_that_a_client_or_the_store_rewrites() => Entries.Sample(entry =>
    {
        var name = ArchiveBlobs.NameOf(entry.Key, entry.Name);
        Assert.Equal(Uri.UnescapeDataString(new Uri("http://host/c/" + Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal)).AbsolutePath), "/c/" + name);
    }, iter: 50_000);

    [Fact]
    public void The_longest_key_is_one_whose_name_leaves_room_for_an_entrys()
    {
        Assert.Equal(1024, ArchiveBlobs.PrefixOf(new string('k', 957)).Length + ArchivedName.Length);
        Assert.Null(ArchiveBlobs.TryPrefixOf(new string('k', 958)));
    }
}
