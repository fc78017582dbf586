using System.Text.Json.Nodes;
using Serverless.Access;

namespace Serverless.Objects.Admin;

/// <summary>One call, as the audit trail will tell it: filled in while it is decided, recorded before its effect or its refusal leaves.</summary>
public sealed class AdminCall(IAdminOperation operation, Caller caller)
{
    public IAdminOperation Operation => operation;

    public Caller Caller => caller;

    /// <summary>What was asked for, once it is known.</summary>
    public JsonObject Parameters { get; set; } = [];

    /// <summary>What the record says beside the request, such as the version that is replaced.</summary>
    public JsonObject AdditionalData { get; } = [];

    /// <summary>Whether the call is on the trail as one that takes effect.</summary>
    public bool IsRecorded { get; set; }
}
