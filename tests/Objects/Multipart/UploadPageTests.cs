using CsCheck;
using Serverless.Objects.Checksums;
using Serverless.Objects.Listing;
using Serverless.Objects.Multipart;

namespace Serverless.Objects.Tests.Multipart;

public class UploadPageTests
{
    private static readonly Gen<string> Key = Gen.Char["ab/é\uE000"].Array[1, 5].Select(characters => new string(characters));

    private static readonly Gen<(string[] Keys, string Prefix, string Delimiter, int PageSize)> Cases =
        Gen.Select(Key.Array[0, 25], Gen.OneOf(Gen.Const(""), Key), Gen.OneOf(Gen.Const(""), Gen.Const("/"), Gen.Const("a"), Gen.Const("b/")), Gen.Int[1, 4]);

    /// <summary>Whatever the pages' size, each begun behind the last entry of the one before, they show what one page shows: every upload, or its common prefix, once and in order.</summary>
    [Fact]
    public Task Pages_are_the_listing_cut_into_pieces() => Cases.SampleAsync(async sample =>
    {
        var (keys, prefix, delimiter, pageSize) = sample;
        var store = new MemoryUploadStore();
        var begun = DateTimeOffset.UnixEpoch;
        var uploads = keys.Select(key => Uploads.New(UploadChecksum.Default, key: key, begun: begun += TimeSpan.FromSeconds(1))).ToList();
        foreach (var upload in uploads) await store.CreateAsync(upload, default);

        var expected = uploads.Where(upload => upload.Key.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(upload => upload.Key, KeyOrder.Instance).ThenBy(upload => upload.Id.Text, StringComparer.Ordinal)
            .Select(upload => delimiter.Length > 0 && upload.Key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) is >= 0 and var at
                ? (Key: upload.Key[..(at + delimiter.Length)], Id: "") : (upload.Key, Id: upload.Id.Text))
            .Distinct().ToList();

        var shown = new List<(string Key, string Id)>();
        var (keyMarker, after, isTruncated) = ("", default(UploadId?), true);
        while (isTruncated)
        {
            var page = await UploadPage.ReadAsync(store, Uploads.Bucket, new(prefix, delimiter, keyMarker, pageSize), after, default);
            Assert.True(page.Entries.Count == pageSize || !page.IsTruncated);
            shown.AddRange(page.Entries.Select(entry => (entry.Key, entry.Upload?.Id.Text ?? "")));
            isTruncated = page.IsTruncated;
            if (isTruncated) (keyMarker, after) = (page.Entries[^1].Key, page.Entries[^1].Upload?.Id);
        }
        Assert.Equal(expected, shown);
    }, iter: 500);

    [Fact]
    public async Task A_page_of_none_is_not_truncated()
    {
        var store = new MemoryUploadStore();
        await store.CreateAsync(Uploads.New(UploadChecksum.Default), default);
        var page = await UploadPage.ReadAsync(store, Uploads.Bucket, new("", "", "", 0), after: null, default);
        Assert.Equal((0, false), (page.Entries.Count, page.IsTruncated));
    }

    /// <summary>S3's markers: of a key alone, behind all its uploads; of a key and an id, behind that one.</summary>
    [Fact]
    public async Task A_page_begins_behind_the_markers()
    {
        var store = new MemoryUploadStore();
        var uploads = Enumerable.Range(0, 4).Select(i => Uploads.New(UploadChecksum.Default, key: i < 3 ? "a" : "b", begun: DateTimeOffset.UnixEpoch.AddSeconds(i))).ToList();
        foreach (var upload in uploads) await store.CreateAsync(upload, default);
        Assert.Equal([uploads[3].Id], await ShownAsync("a", null));
        Assert.Equal([uploads[2].Id, uploads[3].Id], await ShownAsync("a", uploads[1].Id));

        async Task<IEnumerable<UploadId>> ShownAsync(string keyMarker, UploadId? after) =>
            (await UploadPage.ReadAsync(store, Uploads.Bucket, new("", "", keyMarker, 10), after, default)).Entries.Select(entry => entry.Upload!.Id);
    }
}
