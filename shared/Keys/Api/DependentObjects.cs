using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Keys;

/// <summary>
/// What is told of the objects that need a key with the answers about its deletion, beside AWS's own members (SDKs pass over those that they do not know) and on the audit trail: what the latest complete
/// re-wrap pass has left under it. Of many buckets those with most objects are named.
/// </summary>
internal sealed class DependentObjects(IKeyReferences references)
{
    private const int MaxBuckets = 100;
    private const string Member = "DependentObjects";

    /// <summary>Looks what needs a key.</summary>
    public async ValueTask<JsonObject> FindAsync(KmsKey key, CancellationToken cancellationToken)
    {
        if (await references.FindAsync(KeyVersionName.OfKms(key.Region, key.Id), cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return new() { ["Known"] = false };
        }

        List<(string Bucket, long Objects)> buckets = [.. found.Buckets.GroupBy(bucket => bucket.Bucket)
            .Select(bucket => (Bucket: bucket.Key, Objects: bucket.Sum(version => version.Left))).Where(bucket => bucket.Objects > 0)
            .OrderByDescending(bucket => bucket.Objects)];
        return new()
        {
            ["Known"] = true,
            ["Objects"] = buckets.Sum(bucket => bucket.Objects),
            ["BucketCount"] = buckets.Count,
            ["Buckets"] = new JsonArray([.. buckets.Take(MaxBuckets).Select(bucket => new JsonObject { ["Bucket"] = bucket.Bucket, ["Objects"] = bucket.Objects })]),
            ["UnreadableObjects"] = found.Pass.Unreadable,
            ["PassId"] = found.Pass.Id.ToString(),
            ["PassStartedAt"] = found.Pass.StartedAt.ToString("O"),
            ["PassCompletedAt"] = found.Pass.CompletedAt.ToString("O"),
        };
    }

    /// <summary>Writes it as a member of an answer.</summary>
    public static void Write(Utf8JsonWriter answer, JsonObject dependents)
    {
        answer.WritePropertyName(Member);
        dependents.WriteTo(answer);
    }

    /// <summary>Adds it to what a record says of the answer, whose members begin with small letters.</summary>
    public static void Record(KmsCall call, JsonObject dependents) => (call.Response ??= [])[JsonNamingPolicy.CamelCase.ConvertName(Member)] = Camel(dependents);

    private static JsonNode? Camel(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(JsonNamingPolicy.CamelCase.ConvertName(member.Key), Camel(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Camel)]),
        _ => node?.DeepClone(),
    };
}
