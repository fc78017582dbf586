using System.Text.Encodings.Web;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Serverless.Access;

namespace Serverless.Storage;

/// <summary>
/// Users and their access keys as table rows. An account is a partition, so that a user, its name and its keys' ids change in one transaction: <c>user:NAME</c>, in lower case,
/// is all that belongs to a user; <c>key:ID</c> says whose an access key is, and when it was used.
/// </summary>
internal static class UserRows
{
    public const string UserPrefix = "user:";

    /// <summary>Ends the range of a prefix: the character after its colon.</summary>
    public const string AfterUsers = "user;";

    private const string Owner = "Owner";
    private const string UsedAt = "UsedAt";
    private const string UsedService = "UsedService";
    private const string UsedRegion = "UsedRegion";

    // Keeps most characters as they are: the policies of a user fit a property of 64 KiB.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string UserRow(string name) => UserPrefix + name.ToLowerInvariant();

    public static string KeyRow(string accessKeyId) => "key:" + accessKeyId;

    public static TableEntity ToRow(User user) => new(user.AccountId, UserRow(user.Name))
    {
        ["Name"] = user.Name,
        ["Path"] = user.Path,
        ["Id"] = user.Id,
        ["CreatedAt"] = user.CreatedAt,
        ["Tags"] = TagText.Join(user.Tags.Select(tag => (tag.Key, tag.Value))),
        ["AccessKeys"] = ToJson(user.AccessKeys),
        ["Policies"] = ToJson(user.Policies),
        ETag = new ETag(user.ETag),
    };

    public static User ToUser(TableEntity row) => new()
    {
        AccountId = row.PartitionKey,
        Name = row.GetString("Name"),
        Path = row.GetString("Path"),
        Id = row.GetString("Id"),
        CreatedAt = row.GetDateTimeOffset("CreatedAt")!.Value,
        Tags = [.. TagText.Split(row.GetString("Tags")).Select(tag => new UserTag(tag.Key, tag.Value))],
        AccessKeys = FromJson<AccessKey>(row, "AccessKeys"),
        Policies = FromJson<UserPolicy>(row, "Policies"),
        ETag = row.ETag.ToString(),
    };

    /// <summary>Says whose a key is; merged into the row of one that was used, it leaves that alone.</summary>
    public static TableEntity ToKeyRow(User user, string accessKeyId) => new(user.AccountId, KeyRow(accessKeyId)) { [Owner] = user.Name.ToLowerInvariant() };

    public static AccessKeyOwner ToOwner(TableEntity row, string accessKeyId) => new(
        accessKeyId,
        row.GetString(Owner),
        row.GetDateTimeOffset(UsedAt) is { } at ? new(at, row.GetString(UsedService), row.GetString(UsedRegion)) : null,
        row.ETag.ToString());

    public static TableEntity ToRow(string accountId, AccessKeyOwner owner, AccessKeyUse use) => new(accountId, KeyRow(owner.AccessKeyId))
    {
        [Owner] = owner.UserName,
        [UsedAt] = use.At,
        [UsedService] = use.Service,
        [UsedRegion] = use.Region,
        ETag = new ETag(owner.ETag),
    };

    private static byte[] ToJson<T>(IReadOnlyList<T> items) => JsonSerializer.SerializeToUtf8Bytes(items, Json);

    private static T[] FromJson<T>(TableEntity row, string property) => JsonSerializer.Deserialize<T[]>(row.GetBinary(property))!;
}
