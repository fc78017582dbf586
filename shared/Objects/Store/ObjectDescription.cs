using System.Text.Json.Serialization;
using Serverless.Objects.Checksums;
using Serverless.Objects.Sse;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Store;

/// <summary>
/// What is known of an object beside its data: everything that HEAD answers. It is stored in the clear, as S3 does with metadata;
/// the data's confidentiality and integrity hang on <see cref="ObjectKeys"/> alone.
/// </summary>
public sealed record ObjectDescription
{
    /// <summary>The object's random id: 16 bytes, part of each stream's context, so that data of one object cannot stand in for another's.</summary>
    public required byte[] Id { get; init; }

    public required EncryptionMode Mode { get; init; }

    /// <summary>The plaintext's length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>S3's ETag without quotes.</summary>
    public required string ETag { get; init; }

    /// <summary>S3's Last-Modified, UTC. The store's own changes when only the keys are wrapped anew.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>Content-Type and the other headers that S3 keeps and answers with, by their names.</summary>
    public required SortedDictionary<string, string> Headers { get; init; }

    /// <summary>The user's metadata, by names in lower case without <c>x-amz-meta-</c>.</summary>
    public required SortedDictionary<string, string> UserMetadata { get; init; }

    /// <summary>The object's tags, in the order of their keys; null where it has none.</summary>
    public SortedDictionary<string, string>? Tags { get; init; }

    public Checksum? Checksum { get; init; }

    /// <summary>The KMS key's ARN; null in the other modes.</summary>
    public string? KmsKeyArn { get; init; }

    /// <summary>Whether a bucket key stands between the KMS key and the data key.</summary>
    public bool BucketKey { get; init; }

    /// <summary>The client's own encryption context; null when it sent none. Never answered.</summary>
    public SortedDictionary<string, string>? EncryptionContext { get; init; }

    /// <summary>The context that is kept with an object that is encrypted so.</summary>
    public static SortedDictionary<string, string>? ContextOf(EffectiveEncryption encryption) =>
        encryption.Context.Pairs is { Count: > 0 } pairs ? new(pairs.ToDictionary(), StringComparer.Ordinal) : null;

    /// <summary>
    /// Where the data are when they are not in the object itself: a data blob, or with <see cref="PartsCount"/> the folder of the parts' blobs;
    /// null for data stored with the description.
    /// </summary>
    public string? DataBlob { get; init; }

    /// <summary>Of how many parts it was uploaded; null for an object that came in one request.</summary>
    public int? PartsCount { get; init; }

    /// <summary>
    /// The version's place among those of its key; null for an object that was written before its bucket had versioning: then it is told by <see cref="LastModified"/> and <see cref="Id"/>.
    /// </summary>
    public string? Version { get; init; }

    /// <summary>Whether it was written while versioning was suspended, so that its version id is null all the same.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsNullVersion { get; init; }

    /// <summary>Whether it was made current where there was none, and nobody has looked since whether that was right: it counts only if it is the latest version.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsProvisional { get; init; }

    [JsonIgnore]
    public VersionRank Rank => Version is { } rank ? new(rank) : VersionRank.Of(LastModified, Id);

    [JsonIgnore]
    public VersionId VersionId => Version is null || IsNullVersion ? VersionId.Null : new(Rank);
}

/// <summary>
/// An object's keys, each wrapped, and the headers of the streams that they seal. Changing these is all that a re-wrap does.
/// </summary>
/// <param name="DataKey">The data key, wrapped by the key of the object's mode, or by the bucket key where there is one.</param>
/// <param name="BucketKey">The bucket key, wrapped by the KMS key; null without one.</param>
/// <param name="OuterKey">The data key of the second layer, wrapped by the master key; null but for DSSE-KMS.</param>
/// <param name="ManifestKey">
/// What authenticates the manifest of an SSE-C object that was uploaded in parts, wrapped by the master key: such an upload is completed without the customer's key.
/// Null for all others, whose manifests are under the data key.
/// </param>
public sealed record ObjectKeys(byte[] DataKey, byte[]? BucketKey = null, byte[]? OuterKey = null, byte[]? ManifestKey = null);

/// <summary>The 56-byte headers of the streams, kept beside the data so that a range is one read.</summary>
/// <param name="Inner">Salt and commitment of the stream that holds the plaintext.</param>
/// <param name="Outer">The second layer's, for DSSE-KMS only.</param>
public sealed record StreamHeaders(byte[] Inner, byte[]? Outer = null);

/// <summary>An object as the store has it.</summary>
/// <param name="Streams">The headers of the object's stream; null where the parts of a manifest have their own.</param>
/// <param name="Version">The store's own tag of this state, which a conditional write or re-wrap names.</param>
public sealed record StoredObject(ObjectDescription Description, ObjectKeys Keys, StreamHeaders? Streams, string Version);

[JsonSerializable(typeof(ObjectDescription))]
[JsonSerializable(typeof(Bodies.Manifest))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
public sealed partial class StoredJson : JsonSerializerContext;
