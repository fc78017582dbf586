namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a method as a function.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FunctionAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>Which key a caller of an HTTP function must show. LocalHost serves only functions that need none.</summary>
public enum AuthorizationLevel
{
    Anonymous = 0,
    User = 1,
    Function = 2,
    System = 3,
    Admin = 4,
}

/// <summary>Runs the function for HTTP requests with one of the methods; goes on a parameter of type HttpRequest.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : Attribute
{
    public AuthorizationLevel AuthLevel { get; } = authLevel;

    public string[]? Methods { get; } = methods;

    /// <summary>The route's template; LocalHost knows the catch-all <c>{*path}</c> only.</summary>
    public string? Route { get; set; }
}

/// <summary>
/// Runs the function at the times of an NCRONTAB expression (six fields, or five without seconds), in UTC; goes on a parameter of type
/// <see cref="TimerInfo"/>. <c>%Setting%</c> is expanded.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    public string Schedule { get; } = schedule;

    /// <summary>Whether the times are recorded, so that one missed while no host ran is made up for at the next start.</summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>Whether it also runs at each start.</summary>
    public bool RunOnStartup { get; set; }
}

/// <summary>Runs the function for each message of a queue; goes on a parameter of type string, byte[] or BinaryData. <c>%Setting%</c> is expanded.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class QueueTriggerAttribute(string queueName) : Attribute
{
    public string QueueName { get; } = queueName;

    /// <summary>The name of the setting with the connection string, or null for AzureWebJobsStorage.</summary>
    public string? Connection { get; set; }
}
