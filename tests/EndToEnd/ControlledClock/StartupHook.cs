using System.Runtime.Loader;
using Serverless.EndToEnd.ControlledClock;

/// <summary>Runs before the service's own Main, and gives it the test's clock; the service itself knows nothing of it.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        // What this assembly needs lies beside it; the service has no use for it.
        var folder = Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            Path.Combine(folder, name.Name + ".dll") is var file && File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        HostClock.Begin();
    }
}
