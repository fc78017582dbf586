using System.Text.Json;
using Serverless.Keys;

namespace Serverless.Objects.Admin;

/// <summary>Tells how old the master key's current version is and how much it was used, when it is due, and which versions there are. Before the first use of it there are none.</summary>
public sealed class DescribeMasterKey(MasterKeyReport report, IMasterKeyStore store) : IAdminOperation
{
    public string Name => nameof(DescribeMasterKey);

    public bool IsReadOnly => true;

    public IReadOnlyList<string> Members => [];

    public async Task RunAsync(AdminRequest request, AdminCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        var standing = await report.ReadAsync(cancellationToken).ConfigureAwait(false);
        var versions = await store.ListVersionsAsync(cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        if (standing is not null)
        {
            answer.WriteNumber("CurrentVersion"u8, standing.Current.Version);
            answer.WriteTime("CreationDate", standing.Current.CreatedAt);
            answer.WriteNumber("AgeInDays"u8, (int)standing.Age.TotalDays);
            answer.WriteNumber("Wraps"u8, standing.Wraps);
            answer.WriteBoolean("RotationDue"u8, standing.IsRotationDue);
            answer.WriteTime("NextRotationDate", standing.NextRotation);
            answer.WriteNumber("MaxWraps"u8, standing.MaxWraps);
        }
        answer.WriteStartArray("Versions"u8);
        foreach (var version in versions)
        {
            answer.WriteStartObject();
            answer.WriteNumber("Version"u8, version.Version);
            answer.WriteString("VersionId"u8, version.Id);
            answer.WriteTime("CreationDate", version.CreatedAt);
            answer.WriteString("State"u8, StateOf(version, standing?.Current.Version));
            answer.WriteEndObject();
        }
        answer.WriteEndArray();
        answer.WriteEndObject();
    }

    // A version behind the current one is the beginning of a rotation that was cut short; the next one goes on with it.
    private static string StateOf(MasterKeyVersion version, uint? current) =>
        version.IsRetired ? "RETIRED" : version.Version == current ? "CURRENT" : version.Version < current ? "PREVIOUS" : "PENDING";
}
