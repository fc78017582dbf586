using System.Text.Json.Nodes;

namespace Serverless.Access;

/// <summary>Where calls of the IAM API are recorded: changes, and whatever is refused.</summary>
public interface IIamTrail
{
    /// <summary>Records a call. A change takes effect only after this has answered true: then the record is durable.</summary>
    ValueTask<bool> TryRecordAsync(IamEvent call, CancellationToken cancellationToken);
}

/// <summary>A call of the IAM API as the audit trail tells it, in CloudTrail's terms.</summary>
/// <param name="Caller">Who, from where, in which request.</param>
/// <param name="Action">The operation, such as <c>CreateUser</c>.</param>
public sealed record IamEvent(Caller Caller, string Action)
{
    /// <summary>Whether the operation changes nothing.</summary>
    public required bool IsReadOnly { get; init; }

    /// <summary>What was asked for.</summary>
    public JsonObject? Parameters { get; init; }

    /// <summary>What was made, without its secret.</summary>
    public JsonObject? Response { get; init; }

    /// <summary>The ARN of the user concerned, or null.</summary>
    public string? UserArn { get; init; }

    /// <summary>Why it was refused, or null.</summary>
    public AccessError? Refusal { get; init; }
}
