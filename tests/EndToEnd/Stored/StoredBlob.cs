using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Stored;

/// <summary>An object as the storage account's administrator sees, and can change, it.</summary>
internal sealed class StoredBlob
{
    // The names of the metadata are those of shared/Storage/Objects/StoredMetadata.cs.
    public const string DescriptionEntry = "object";
    public const string DataKey = "key";
    public const string InnerStream = "stream";

    /// <summary>The wrapped keys, as far as the mode has them.</summary>
    public static string[] Keys { get; } = [DataKey, "bucketkey", "outerkey"];

    /// <summary>The streams' headers.</summary>
    public static string[] Streams { get; } = [InnerStream, "outerstream"];

    private StoredBlob(BlobClient blob, byte[] content, IDictionary<string, string> metadata) => (Blob, Content, Metadata) = (blob, content, new(metadata));

    public BlobClient Blob { get; }

    public byte[] Content { get; set; }

    public Dictionary<string, string> Metadata { get; private set; }

    /// <summary>The description in the metadata; changes count when they are set.</summary>
    public JsonObject Description
    {
        get => JsonNode.Parse(Convert.FromBase64String(Metadata[DescriptionEntry]))!.AsObject();
        set => Metadata[DescriptionEntry] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value.ToJsonString()));
    }

    /// <summary>The blob of an object whose key is its blob's name.</summary>
    public static async Task<StoredBlob> ReadAsync(ServiceFixture service, string bucket, string key) => await ReadAsync(
        service.Blobs.GetBlobContainerClient(await ContainerAsync(service, bucket)).GetBlobClient(key));

    /// <summary>The blob that holds a staged object's data.</summary>
    public Task<StoredBlob> ReadDataAsync(ServiceFixture service) =>
        ReadAsync(service.Blobs.GetBlobContainerClient("uploads").GetBlobClient((string)Description["dataBlob"]!));

    /// <summary>The blobs of everything that was uploaded for an object in parts, in the order of the parts' numbers.</summary>
    public async Task<IReadOnlyList<StoredBlob>> ReadPartsAsync(ServiceFixture service)
    {
        var container = service.Blobs.GetBlobContainerClient("uploads");
        var parts = new List<StoredBlob>();
        await foreach (var part in container.GetBlobsAsync(new GetBlobsOptions { Prefix = (string)Description["dataBlob"]! + "/" })) parts.Add(await ReadAsync(container.GetBlobClient(part.Name)));
        return parts;
    }

    public void Take(StoredBlob other, params IEnumerable<string> metadata)
    {
        foreach (var name in metadata)
        {
            if (other.Metadata.TryGetValue(name, out var value)) Metadata[name] = value;
            else Metadata.Remove(name);
        }
    }

    public void TakeAllMetadata(StoredBlob other) => Metadata = new(other.Metadata);

    /// <summary>Writes content and metadata back as they are now.</summary>
    public Task WriteAsync() => Blob.UploadAsync(new BinaryData(Content), new BlobUploadOptions { Metadata = Metadata });

    private static async Task<StoredBlob> ReadAsync(BlobClient blob)
    {
        var read = (await blob.DownloadContentAsync()).Value;
        return new(blob, read.Content.ToArray(), read.Details.Metadata);
    }

    private static async Task<string> ContainerAsync(ServiceFixture service, string bucket)
    {
        await foreach (var container in service.Blobs.GetBlobContainersAsync(prefix: bucket + "-")) return container.Name;
        throw new InvalidOperationException($"The bucket {bucket} has no container.");
    }
}
