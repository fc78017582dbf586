using System.Text.Json.Nodes;

namespace Serverless.Access;

/// <summary>One call, as the audit trail will tell it: filled in while it is decided, recorded before its effect or its refusal leaves.</summary>
internal sealed class IamCall(string action, Caller caller, string region)
{
    public string Action => action;

    public Caller Caller => caller;

    /// <summary>The Region that the request is signed for.</summary>
    public string Region => region;

    /// <summary>What was asked for.</summary>
    public JsonObject Parameters { get; } = [];

    /// <summary>The tags that the call gives.</summary>
    public IReadOnlyList<UserTag> Tags { get; set; } = [];

    /// <summary>The keys of the tags that the call gives or takes.</summary>
    public IReadOnlyList<string> TagKeys { get; set; } = [];

    /// <summary>What was made, when it is worth keeping.</summary>
    public JsonObject? Response { get; set; }

    /// <summary>The user concerned, once that is known.</summary>
    public string? UserArn { get; set; }

    /// <summary>The call as it stands: about to take effect, or refused.</summary>
    public IamEvent ToEvent(AccessError? refusal = null) => new(caller, action)
    {
        IsReadOnly = action.StartsWith("Get", StringComparison.Ordinal) || action.StartsWith("List", StringComparison.Ordinal),
        Parameters = Parameters.Count > 0 ? Parameters : null,
        Response = refusal is null ? Response : null,
        UserArn = UserArn,
        Refusal = refusal,
    };
}
