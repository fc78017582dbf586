using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using NCrontab;
using Serverless.LocalHost.Settings;
using Serverless.LocalHost.Timers;

namespace Serverless.LocalHost.Functions;

internal sealed record HttpFunction(FunctionMethod Method, IReadOnlyList<string> Verbs);

internal sealed record TimerFunction(FunctionMethod Method, CrontabSchedule Schedule, bool UseMonitor, bool RunOnStartup);

internal sealed record QueueFunction(FunctionMethod Method, string QueueName, string ConnectionString);

/// <summary>The functions of an app: the public methods with <see cref="FunctionAttribute"/> of its classes, with their triggers understood.</summary>
internal sealed class FunctionCatalog
{
    private static readonly string[] AllVerbs = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

    private readonly List<HttpFunction> _http = [];
    private readonly List<TimerFunction> _timers = [];
    private readonly List<QueueFunction> _queues = [];

    /// <exception cref="StartupException">A function is declared in a way that this host cannot run; the message names it.</exception>
    public FunctionCatalog(string appName, IEnumerable<Type> types, IConfiguration configuration)
    {
        AppName = appName.ToLowerInvariant();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var method in types.SelectMany(type => type.GetMethods()))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is not { Name: var name }) continue;
            if (!names.Add(name)) throw new StartupException($"There are two functions named {name}.");
            Add(name, method, configuration);
        }
    }

    /// <summary>What tells this app's leases and records from another's in the same storage account.</summary>
    public string AppName { get; }

    public IReadOnlyList<HttpFunction> Http => _http;

    public IReadOnlyList<TimerFunction> Timers => _timers;

    public IReadOnlyList<QueueFunction> Queues => _queues;

    private void Add(string name, MethodInfo method, IConfiguration configuration)
    {
        var triggers = method.GetParameters()
            .SelectMany(parameter => parameter.GetCustomAttributes().Select(attribute => (Parameter: parameter, Attribute: attribute)))
            .Where(pair => pair.Attribute is HttpTriggerAttribute or TimerTriggerAttribute or QueueTriggerAttribute)
            .ToList();
        if (triggers is not [var (parameter, trigger)]) throw new StartupException($"Function {name} needs exactly one parameter with a trigger.");

        switch (trigger)
        {
            case HttpTriggerAttribute http:
                RequireType(name, parameter, typeof(HttpRequest));
                if (http.Route is not ['{', '*', .., '}'])
                    throw new StartupException($"Function {name} has the route '{http.Route}'; this host serves the catch-all '{{*path}}' only.");
                if (http.AuthLevel != AuthorizationLevel.Anonymous)
                    throw new StartupException($"Function {name} asks for a function key; this host serves AuthorizationLevel.Anonymous only.");
                _http.Add(new(new(name, method, parameter), http.Methods is { Length: > 0 } verbs ? [.. verbs.Select(verb => verb.ToUpperInvariant())] : AllVerbs));
                break;
            case TimerTriggerAttribute timer:
                RequireType(name, parameter, typeof(TimerInfo));
                _timers.Add(new(new(name, method, parameter), TimerSchedule.Parse(configuration.Expand(timer.Schedule, name), name), timer.UseMonitor, timer.RunOnStartup));
                break;
            case QueueTriggerAttribute queue:
                RequireType(name, parameter, typeof(string), typeof(byte[]), typeof(BinaryData));
                var setting = queue.Connection ?? LocalSettings.Storage;
                var connection = configuration[setting] ?? throw new StartupException($"Function {name} needs the setting '{setting}', which is not set.");
                _queues.Add(new(new(name, method, parameter), configuration.Expand(queue.QueueName, name), connection));
                break;
        }
    }

    private static void RequireType(string name, ParameterInfo parameter, params Type[] types)
    {
        if (!types.Contains(parameter.ParameterType))
            throw new StartupException($"Function {name} has its trigger on a {parameter.ParameterType.Name}; it must be {string.Join(" or ", types.Select(type => type.Name))}.");
    }
}
