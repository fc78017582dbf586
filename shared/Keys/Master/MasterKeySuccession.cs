using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>
/// How one version of the master key follows another: its row is made, which only one of several instances can; then the event is recorded; then the
/// pointer is moved to it. A crash between any two steps leaves a row that nothing uses, and the next run goes on from there.
/// </summary>
internal sealed class MasterKeySuccession(IMasterKeyStore store, IRootKey root, IAuditTrail trail, IOptions<ServiceIdentity> identity, TimeProvider time)
{
    /// <summary>What a version is wrapped with under the root key: a row put in another's place does not open.</summary>
    public static EncryptionContext ContextOf(uint version) => EncryptionContext.Of(
    [
        new("purpose", "master-key"),
        new("version", Text(version)),
    ]);

    /// <summary>Brings the version after <paramref name="current"/> into use (null: the first), or finds that another has. What is current now is returned.</summary>
    public async Task<MasterKeyPointer> AdvanceAsync(MasterKeyPointer? current, CancellationToken cancellationToken)
    {
        uint next = checked((current?.Version ?? 0) + 1);
        MasterKeyVersion version = await FindOrCreateAsync(next, cancellationToken).ConfigureAwait(false);
        await trail.RecordAsync(EventOf(version), cancellationToken).ConfigureAwait(false);
        while (true)
        {
            await store.TryMoveCurrentAsync(current, next, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            MasterKeyPointer found = await store.ReadCurrentAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException("The pointer to the current master key version has been deleted from storage.");
            if (found.Version != current?.Version)
            {
                return found;
            }

            // Only the time from which the version's age is counted has changed.
            current = found;
        }
    }

    private async Task<MasterKeyVersion> FindOrCreateAsync(uint number, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await store.ReadVersionAsync(number, cancellationToken).ConfigureAwait(false) is { } known)
            {
                return known;
            }

            using SecretKey key = SecretKey.Generate();
            byte[] wrapped = await root.WrapAsync(key, ContextOf(number), cancellationToken).ConfigureAwait(false);
            var version = new MasterKeyVersion(number, Guid.NewGuid(), wrapped, time.GetUtcNow());
            if (await store.TryCreateVersionAsync(version, cancellationToken).ConfigureAwait(false))
            {
                return version;
            }
        }
    }

    // Everything in it comes from the version's row, so that instances and runs that report the same succession report the same event.
    private AuditEvent EventOf(MasterKeyVersion version) => new()
    {
        EventId = version.Id,
        EventTime = version.CreatedAt,
        EventSource = "s3.amazonaws.com",
        EventName = version.Version == 1 ? "CreateMasterKey" : "RotateMasterKey",
        EventType = "AwsServiceEvent",
        Region = identity.Value.Region,
        Caller = Caller.Service(identity.Value.AccountId, version.Id.ToString()),
        AdditionalEventData = new JsonObject { ["masterKeyVersion"] = version.Version },
    };

    private static string Text(uint number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
