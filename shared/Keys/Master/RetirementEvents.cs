using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Keys;

/// <summary>
/// What is on the audit trail of a master key version's end. Everything in an event comes from the version's row or from the pass that it rests on, so that instances and runs that report the same thing
/// report the same event.
/// </summary>
internal sealed class RetirementEvents(IAuditTrail trail, IOptions<ServiceIdentity> identity)
{
    /// <summary>Records a step before it is made, if it is one that the trail tells.</summary>
    public ValueTask RecordAsync(MasterKeyVersion before, MasterKeyVersion after, ReferencePass? pass, CancellationToken cancellationToken)
    {
        AuditEvent? recorded = (before, after) switch
        {
            ({ IsRetired: false }, { IsRetired: true }) => EventOf(after, "RetireMasterKeyVersion", "", after.RetiredAt!.Value, after.Proof!),
            ({ Proof: null }, { Proof: { } proof }) => EventOf(after, "ProveMasterKeyVersionUnreferenced", $"{proof.PassId}", proof.CompletedAt, proof),
            ({ Proof: { } proof }, { Proof: null }) => EventOf(after, "ProveMasterKeyVersionUnreferenced", $"not {pass!.Id}", pass.CompletedAt, proof) with
            {
                ErrorCode = "KeyVersionInUse",
                ErrorMessage = $"Pass {pass.Id} has found objects that need the version; it is kept.",
            },
            _ => null,
        };
        return recorded is null ? default : trail.RecordAsync(recorded, cancellationToken);
    }

    private AuditEvent EventOf(MasterKeyVersion version, string name, string what, DateTimeOffset at, UnreferencedProof proof)
    {
        Guid id = AuditEvent.IdOf($"{name} {version.Id} {what}");
        return new()
        {
            EventId = id,
            EventTime = at,
            EventSource = "s3.amazonaws.com",
            EventName = name,
            EventType = "AwsServiceEvent",
            Region = identity.Value.Region,
            Caller = Caller.Service(identity.Value.AccountId, id.ToString()),
            AdditionalEventData = new JsonObject { ["masterKeyVersion"] = version.Version },
            ServiceEventDetails = new JsonObject
            {
                ["passId"] = proof.PassId.ToString(),
                ["passStartedAt"] = proof.StartedAt.ToString("O"),
                ["passCompletedAt"] = proof.CompletedAt.ToString("O"),
                ["objectsSeen"] = proof.Objects,
            },
        };
    }
}
