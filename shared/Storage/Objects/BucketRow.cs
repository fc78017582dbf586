using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Data.Tables;
using Serverless.Objects.Buckets;
using Serverless.Objects.Cors;
using Serverless.Objects.Sse;

namespace Serverless.Storage;

/// <summary>A bucket as a row: its columns, and what each holds.</summary>
internal static class BucketRow
{
    private const string Container = "Container";
    private const string Region = "Region";
    private const string CreatedAt = "CreatedAt";
    private const string BlocksCustomerKeys = "BlocksCustomerKeys";

    /// <summary>JSON of the configured default encryption; absent or empty without one.</summary>
    private const string Encryption = "Encryption";

    /// <summary>JSON of the CORS rules, in UTF-8; absent or empty without any. A document of S3's largest size is smaller so, and fits where a text of it would not.</summary>
    private const string Cors = "Cors";

    /// <summary>The policy's document; absent or empty without one.</summary>
    private const string Policy = "Policy";

    /// <summary>Whether versions are kept; absent or empty for a bucket that never had versioning. Its archive is there before it says so.</summary>
    private const string Versioning = "Versioning";

    /// <summary>The names of what is blocked, or <see cref="NoBlock"/>. Buckets of versions that did not know it have none, and are blocked.</summary>
    private const string PublicAccessBlock = "PublicAccessBlock";
    private const string NoBlock = "Absent";

    /// <summary>A line a tag: key, tab, value. No tag has tabs or line ends in it.</summary>
    private const string Tags = "Tags";
    private const string NoOwnershipControls = "NoOwnershipControls";

    /// <summary>The bucket is gone for everybody; its container may still be there.</summary>
    private const string Deleting = "Deleting";

    /// <summary>Stands for a default encryption that cannot be read: there is no such key, so that no object is written under another one than was wanted.</summary>
    private static readonly BucketEncryption Unreadable = new(EncryptionMode.Kms, "unreadable", false);

    private static readonly JsonSerializerOptions CorsJson = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The row of a bucket that is to be created.</summary>
    public static TableEntity New(string accountId, string name, string container, NewBucket bucket, DateTimeOffset now) => new(accountId, name)
    {
        [Container] = container,
        [Region] = bucket.Region,
        [CreatedAt] = now,
        [BlocksCustomerKeys] = bucket.BlocksCustomerKeys,
        [PublicAccessBlock] = ToText(bucket.PublicAccessBlock),
        [Tags] = ToText(bucket.Tags),
    };

    /// <summary>What a change of a bucket writes. It is to be merged, so that what only a newer version of this service knows of the bucket stays.</summary>
    public static TableEntity Change(string accountId, Bucket changed) => new(accountId, changed.Name)
    {
        [Policy] = changed.Policy?.Json ?? "",
        [PublicAccessBlock] = ToText(changed.PublicAccessBlock),
        [BlocksCustomerKeys] = changed.BlocksCustomerKeys,
        [Cors] = changed.Cors is { } cors ? JsonSerializer.SerializeToUtf8Bytes(cors, CorsJson) : [],
        [Versioning] = changed.HasVersions ? changed.Versioning.ToString() : "",
        [Encryption] = changed.ConfiguredEncryption is { } encryption ? JsonSerializer.Serialize(encryption) : "",
        [Tags] = ToText(changed.Tags),
        [NoOwnershipControls] = !changed.HasOwnershipControls,
    };

    public static void Mark(TableEntity row, bool deleting) => row[Deleting] = deleting;

    public static string ContainerOf(TableEntity row) => row.GetString(Container);

    public static bool HasArchive(TableEntity row) => ToVersioning(row.GetString(Versioning)) is not BucketVersioning.Unversioned;

    public static bool IsDeleting(TableEntity row) => row.GetBoolean(Deleting) is true;

    public static Bucket ToBucket(TableEntity row)
    {
        var bucket = new Bucket(
            row.RowKey, row.GetString(Region), ContainerOf(row), row.GetDateTimeOffset(CreatedAt)!.Value, row.GetBoolean(BlocksCustomerKeys) is true)
        {
            PublicAccessBlock = ToBlocks(row.GetString(PublicAccessBlock)),
            Versioning = ToVersioning(row.GetString(Versioning)),
            ConfiguredEncryption = ToEncryption(row.GetString(Encryption)),
            Cors = ToCors(row.GetBinary(Cors)),
            Tags = ToTags(row.GetString(Tags)),
            HasOwnershipControls = row.GetBoolean(NoOwnershipControls) is not true,
            Version = row.ETag.ToString(),
        };
        return row.GetString(Policy) is { Length: > 0 } json ? bucket with { Policy = new(json, bucket.Arn) } : bucket;
    }

    private static string ToText(PublicAccessBlocks? blocks) => blocks?.ToString() ?? NoBlock;

    private static PublicAccessBlocks? ToBlocks(string? text) => text is NoBlock ? null
        : Enum.TryParse<PublicAccessBlocks>(text, out var blocks) ? blocks
        : PublicAccessBlocks.All;

    private static string ToText(IReadOnlyDictionary<string, string> tags) => string.Join('\n', tags.Select(tag => $"{tag.Key}\t{tag.Value}"));

    private static IReadOnlyDictionary<string, string> ToTags(string? text) => string.IsNullOrEmpty(text) ? FrozenDictionary<string, string>.Empty
        : new SortedDictionary<string, string>(text.Split('\n').Select(line => line.Split('\t')).ToDictionary(tag => tag[0], tag => tag[1]), StringComparer.Ordinal);

    /// <summary>What cannot be read keeps everything.</summary>
    private static BucketVersioning ToVersioning(string? text) => string.IsNullOrEmpty(text) ? BucketVersioning.Unversioned
        : text == nameof(BucketVersioning.Suspended) ? BucketVersioning.Suspended : BucketVersioning.Enabled;

    private static BucketEncryption? ToEncryption(string? json)
    {
        if (string.IsNullOrEmpty(json)) return null;
        try
        {
            return JsonSerializer.Deserialize<BucketEncryption>(json) is { Mode: EncryptionMode.S3 or EncryptionMode.Kms or EncryptionMode.DoubleKms } encryption ? encryption : Unreadable;
        }
        catch (JsonException)
        {
            return Unreadable;
        }
    }

    /// <summary>Rules that cannot be read allow nothing.</summary>
    private static CorsConfiguration? ToCors(byte[]? json)
    {
        if (json is not { Length: > 0 }) return null;
        try
        {
            return JsonSerializer.Deserialize<CorsConfiguration>(json, CorsJson);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
