namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a timer function is told about its run.</summary>
public sealed class TimerInfo
{
    /// <summary>The recorded times, or null where the trigger does not record them.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether the run comes later than it was due because no host ran then.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>A timer's recorded times, UTC.</summary>
public sealed class ScheduleStatus
{
    /// <summary>The last run, or the default value before the first.</summary>
    public DateTime Last { get; set; }

    /// <summary>When it is due next.</summary>
    public DateTime Next { get; set; }

    /// <summary>When this was recorded.</summary>
    public DateTime LastUpdated { get; set; }
}
