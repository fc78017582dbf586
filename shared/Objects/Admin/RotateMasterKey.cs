using System.Text.Json;
using Serverless.Keys;

namespace Serverless.Objects.Admin;

/// <summary>
/// Brings a new version of the master key into use. The record names who asked and the version that is replaced; that the new one comes into use is the service's own event.
/// Calls at the same moment may share one new version: each is answered with one that came into use after it was made.
/// </summary>
public sealed class RotateMasterKey(MasterKeyRotation rotation, MasterKeyReport report, AdminTrail trail) : IAdminOperation
{
    public string Name => nameof(RotateMasterKey);

    public bool IsReadOnly => false;

    public IReadOnlyList<string> Members => [];

    public async Task RunAsync(AdminRequest request, AdminCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        if (await report.ReadAsync(cancellationToken).ConfigureAwait(false) is { } standing) call.AdditionalData["masterKeyVersion"] = standing.Current.Version;
        await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
        var rotated = await rotation.RotateAsync(cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        answer.WriteNumber("CurrentVersion"u8, rotated.CurrentVersion);
        answer.WriteEndObject();
    }
}
