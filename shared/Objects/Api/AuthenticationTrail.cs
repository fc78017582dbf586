using System.Text.Json.Nodes;
using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Objects.Api;

/// <summary>
/// Puts requests that could not be authenticated on the audit trail. Anybody can send them, so they are bounded: those above the bound are counted, and the next record tells how many.
/// And as nothing was done for them, they are answered alike whether or not the trail takes them. Requests that do not say whose they are, are not among them: there is nobody to name.
/// </summary>
public sealed class AuthenticationTrail(IAuditTrail trail, ServiceIdentity identity, TimeProvider time)
{
    /// <summary>Records of one instance in a second.</summary>
    public const int MaxPerSecond = 5;

    private readonly Lock gate = new();
    private long second;
    private int taken;
    private long unrecorded;

    /// <summary>Records a request, if the bound lets it.</summary>
    /// <param name="caller">The caller; one that is not verified with the access key that it names.</param>
    /// <param name="operation">What it was for, as far as that can be told.</param>
    /// <param name="method">How it is signed.</param>
    /// <param name="answer">What it is answered.</param>
    public async ValueTask RecordAsync(Caller caller, ClaimedOperation operation, string method, AccessError answer)
    {
        if (!TryTake(out var before)) return;
        var data = new JsonObject { ["AuthenticationMethod"] = method };
        if (before > 0) data["unrecordedFailures"] = before;
        try
        {
            // Also for a client that does not wait for its answer.
            await trail.RecordAsync(new()
            {
                EventTime = time.GetUtcNow(),
                EventSource = operation.EventSource,
                EventName = operation.EventName,
                Region = identity.Region,
                Caller = caller,
                ReadOnly = operation.IsReadOnly,
                RequestParameters = operation.Parameters,
                AdditionalEventData = data,
                ErrorCode = answer.Code,
                ErrorMessage = WithoutQuotes(answer.Message),
            }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (AuditUnavailableException)
        {
            lock (gate) unrecorded += before + 1;
        }
    }

    private bool TryTake(out long before)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        lock (gate)
        {
            if (now != second) (second, taken) = (now, 0);
            if (taken == MaxPerSecond)
            {
                before = 0;
                unrecorded++;
                return false;
            }
            taken++;
            (before, unrecorded) = (unrecorded, 0);
            return true;
        }
    }

    /// <summary>What a message quotes are pieces of the credential, or of a form's policy, which may hold secrets.</summary>
    private static string WithoutQuotes(string message) => message.IndexOfAny(['"', '\'', '[']) is >= 0 and var quote ? message[..quote].TrimEnd() : message;
}
