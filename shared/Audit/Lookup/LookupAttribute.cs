namespace Serverless.Audit;

/// <summary>What events are looked up by, named as CloudTrail names it; <see cref="None"/> stands for all events.</summary>
internal enum LookupKey { None, EventId, EventName, ReadOnly, Username, ResourceType, ResourceName, EventSource, AccessKeyId }

/// <summary>A value to look events up by.</summary>
internal readonly record struct LookupAttribute(LookupKey Key, string Value)
{
    /// <summary>All events.</summary>
    public static LookupAttribute None { get; } = new(LookupKey.None, "");
}
