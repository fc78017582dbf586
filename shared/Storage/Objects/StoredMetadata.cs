using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Objects.Api;
using Serverless.Objects.Bodies;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Storage;

/// <summary>
/// An object's description, keys and stream headers as blob metadata, whose names must be identifiers and whose values ASCII: each value is base64.
/// <code>
/// object       JSON of the description
/// key          the wrapped data key        bucketkey   the wrapped bucket key      outerkey    DSSE-KMS's second wrapped data key
/// stream       the data's stream header    manifestkey SSE-C's wrapped manifest key   outerstream the second layer's stream header
/// </code>
/// </summary>
internal static class StoredMetadata
{
    /// <summary>What Azure takes for names and values together; Azurite takes more.</summary>
    private const int MaxSize = 8 * 1024;

    private const string Description = "object";
    private const string DataKey = "key";
    private const string BucketKey = "bucketkey";
    private const string OuterKey = "outerkey";
    private const string ManifestKey = "manifestkey";
    private const string Inner = "stream";
    private const string Outer = "outerstream";

    /// <summary>Text as it is: escaped as the default is, for HTML's sake, 2 KiB of metadata in another script would not fit.</summary>
    private static readonly StoredJson Json = new(new JsonSerializerOptions(StoredJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <exception cref="S3Exception">MetadataTooLarge.</exception>
    public static Dictionary<string, string> Write(ObjectDescription description, ObjectKeys keys, StreamHeaders? streams)
    {
        var metadata = new Dictionary<string, string>(6)
        {
            [Description] = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(description, Json.ObjectDescription)),
            [DataKey] = Convert.ToBase64String(keys.DataKey),
        };
        if (keys.BucketKey is not null) metadata[BucketKey] = Convert.ToBase64String(keys.BucketKey);
        if (keys.OuterKey is not null) metadata[OuterKey] = Convert.ToBase64String(keys.OuterKey);
        if (keys.ManifestKey is not null) metadata[ManifestKey] = Convert.ToBase64String(keys.ManifestKey);
        if (streams is not null) metadata[Inner] = Convert.ToBase64String(streams.Inner);
        if (streams?.Outer is not null) metadata[Outer] = Convert.ToBase64String(streams.Outer);

        var size = metadata.Sum(entry => entry.Key.Length + entry.Value.Length);
        return size <= MaxSize ? metadata : throw new S3Exception(S3Errors.MetadataTooLarge(size, MaxSize));
    }

    /// <exception cref="DamagedObjectException">The blob is no object of this service, or was tampered with.</exception>
    public static StoredObject Read(IDictionary<string, string> metadata, string state)
    {
        try
        {
            var description = JsonSerializer.Deserialize(Convert.FromBase64String(metadata[Description]), Json.ObjectDescription) ?? throw new JsonException("There is no description.");
            if (description.Id.Length != StreamContext.IdSize || (description.Version is { } version && !VersionRank.TryParse(version, out _))) throw new FormatException();
            return new(description,
                new(Convert.FromBase64String(metadata[DataKey]), Optional(metadata, BucketKey), Optional(metadata, OuterKey), Optional(metadata, ManifestKey)),
                Optional(metadata, Inner) is { } inner ? new(inner, Optional(metadata, Outer)) : null, state);
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or JsonException)
        {
            throw new DamagedObjectException(e);
        }
    }

    /// <summary>The same; null where it is no object. It is listed all the same, so that its owner can be rid of it.</summary>
    public static StoredObject? TryRead(IDictionary<string, string> metadata, string state)
    {
        try
        {
            return Read(metadata, state);
        }
        catch (DamagedObjectException)
        {
            return null;
        }
    }

    private static byte[]? Optional(IDictionary<string, string> metadata, string name) =>
        metadata.TryGetValue(name, out var value) ? Convert.FromBase64String(value) : null;
}
