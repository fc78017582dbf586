using System.Buffers;
using System.Text;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;
using Serverless.Objects.Operations;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests.Versions;

/// <summary>A bucket as its clients use it, over the stores of a test.</summary>
internal sealed class VersionedBucket(IObjectStore objects, MemoryStore store, VersionParts parts, Bucket bucket)
{
    public BucketVersioning Versioning => bucket.Versioning;

    public void Configure(BucketVersioning versioning) => bucket = bucket with { Versioning = versioning };

    /// <summary>As ObjectWriter and CompleteMultipartUpload do it. Returns the version's id.</summary>
    /// <param name="withData">Whether the object's data are in a data blob.</param>
    public async Task<string> PutAsync(string key, string content, bool withData)
    {
        var description = ObjectStoreContract.Describe() with { Length = content.Length, ETag = content };
        if (withData)
        {
            description = description with { DataBlob = $"{bucket.Container}/{Convert.ToHexStringLower(description.Id)}" };
            using var data = new SegmentedBuffer(1);
            data.Write("x"u8);
            await store.WriteAsync(description.DataBlob, data, new DataOwner(bucket.Name, key), default);
        }
        using var buffer = new SegmentedBuffer(100);
        buffer.Write(Encoding.UTF8.GetBytes(content));
        var prepared = new PreparedObject(description, ObjectStoreContract.Keys, ObjectStoreContract.Streams, buffer);
        while (true)
        {
            var seen = await objects.FindAsync(bucket.At(key), default);
            if (await parts.Replacement.TryAsync(bucket.At(key), prepared, seen, default) is { } written) return written.VersionId.ToString();
        }
    }

    /// <summary>Deletes the object, and returns the delete marker's id, or "".</summary>
    public async Task<string> DeleteAsync(string key) => (await Deletion.RunAsync(await RequestAsync(key), bucket, ifMatch: null, default)).Version?.ToString() ?? "";

    public async Task<bool> DeleteAsync(string key, string id) => (await Deletion.RunAsync(await RequestAsync(key, id), bucket, ifMatch: null, default)).IsMarker;

    /// <summary>The content of the current object, or of a version; null where that is a delete marker or not there.</summary>
    public async Task<string?> GetAsync(string key, string? id = null)
    {
        try
        {
            await using var open = (await parts.Finder.OpenAsync(await RequestAsync(key, id), bucket, range: null)).Open;
            using var reader = new StreamReader(open.Content);
            return await reader.ReadToEndAsync();
        }
        catch (S3Exception missing) when (missing.Error.Status is 404 or 405)
        {
            return null;
        }
    }

    /// <summary>The key's versions as they are listed, by pages of so many entries.</summary>
    public async Task<List<ModelVersion>> ListAsync(string key, int pageSize)
    {
        var versions = new List<ModelVersion>();
        var (after, behind) = ("", (VersionId?)null);
        while (true)
        {
            var (entries, isTruncated) = await parts.Listing.ReadAsync(bucket, new(key, "", after, pageSize), behind, default);
            foreach (var entry in entries.Where(entry => entry.Key == key))
            {
                // Of all entries of a key the first alone is the latest.
                Assert.Equal(versions.Count == 0, entry.IsLatest);
                versions.Add(new(entry.Id.ToString()!, entry.Object?.Description.ETag));
            }
            if (!isTruncated) return versions;
            (after, behind) = (entries[^1].Key, VersionId.Parse(entries[^1].Marker));
        }
    }

    /// <summary>The data blobs of everything that is stored of the key, listed or not.</summary>
    public async Task<HashSet<string>> ReferredAsync(params string[] keys)
    {
        var referred = new HashSet<string>();
        foreach (var place in keys.Select(bucket.At))
        {
            if ((await store.FindAsync(place, default))?.Description.DataBlob is { } current) referred.Add(current);
            if (!bucket.HasVersions) continue;
            await foreach (var entry in parts.Archived.ListAsync(place, version: null, default))
            {
                if (entry.Object?.Description.DataBlob is { } archived) referred.Add(archived);
            }
        }
        return referred;
    }

    private ObjectDeletion Deletion => new(objects, parts.Deletion, parts.Finder, parts.Large);

    private static async Task<S3Request> RequestAsync(string key, string? id = null) => await S3Requests.SignedAsync("GET", "/bucket/key") with { Key = key, NamedVersion = id };
}
