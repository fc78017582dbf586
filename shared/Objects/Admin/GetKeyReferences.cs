using System.Text.Json;
using Serverless.Keys;

namespace Serverless.Objects.Admin;

/// <summary>Tells how many objects the latest complete re-wrap pass has found under each version of a key, and left there, by bucket; and of the master key, what is proved of its versions.</summary>
public sealed class GetKeyReferences(AdminKey keys, IKeyReferences references, IMasterKeyStore masterKeys) : IAdminOperation
{
    public string Name => nameof(GetKeyReferences);

    public bool IsReadOnly => true;

    public IReadOnlyList<string> Members => [AdminKey.Member];

    public async Task RunAsync(AdminRequest request, AdminCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        var key = await keys.ReadAsync(request, cancellationToken).ConfigureAwait(false);
        var found = await references.FindAsync(key, cancellationToken).ConfigureAwait(false);
        var known = key == KeyVersionName.Master ? await masterKeys.ListVersionsAsync(cancellationToken).ConfigureAwait(false) : [];
        answer.WriteStartObject();
        if (found is not null)
        {
            answer.WriteStartObject("Pass"u8);
            answer.WriteString("PassId"u8, found.Pass.Id);
            answer.WriteTime("StartDate", found.Pass.StartedAt);
            answer.WriteTime("CompletionDate", found.Pass.CompletedAt);
            answer.WriteNumber("ObjectsSeen"u8, found.Pass.Objects);
            answer.WriteNumber("UnreadableObjects"u8, found.Pass.Unreadable);
            answer.WriteEndObject();
        }
        answer.WriteStartArray("Versions"u8);
        IReadOnlyList<BucketReferences> buckets = found?.Buckets ?? [];
        foreach (var number in known.Select(version => version.Version).Concat(buckets.Select(bucket => bucket.Version)).Distinct().Order())
            Write(answer, number, [.. buckets.Where(bucket => bucket.Version == number)], known.FirstOrDefault(version => version.Version == number));
        answer.WriteEndArray();
        answer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter answer, uint number, List<BucketReferences> buckets, MasterKeyVersion? version)
    {
        answer.WriteStartObject();
        answer.WriteNumber("KeyVersion"u8, number);
        answer.WriteNumber("ObjectsFound"u8, buckets.Sum(bucket => bucket.Found));
        answer.WriteNumber("ObjectsLeft"u8, buckets.Sum(bucket => bucket.Left));
        answer.WriteStartArray("Buckets"u8);
        foreach (var bucket in buckets)
        {
            answer.WriteStartObject();
            answer.WriteString("Bucket"u8, bucket.Bucket);
            answer.WriteNumber("ObjectsFound"u8, bucket.Found);
            answer.WriteNumber("ObjectsLeft"u8, bucket.Left);
            answer.WriteEndObject();
        }
        answer.WriteEndArray();
        if (version?.Proof is { } proof)
        {
            answer.WriteStartObject("Proof"u8);
            answer.WriteString("PassId"u8, proof.PassId);
            answer.WriteTime("StartDate", proof.StartedAt);
            answer.WriteTime("CompletionDate", proof.CompletedAt);
            answer.WriteNumber("ObjectsSeen"u8, proof.Objects);
            answer.WriteEndObject();
        }
        if (version?.RetiredAt is { } retired) answer.WriteTime("RetirementDate", retired);
        answer.WriteEndObject();
    }
}
