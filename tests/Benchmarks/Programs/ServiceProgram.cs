using System.Reflection;
using Serverless.Functions;

namespace Serverless.Benchmarks.Programs;

/// <summary>The service itself, unchanged, in this process: with what it has used to be asked for.</summary>
internal static class ServiceProgram
{
    public static void Run(string[] arguments)
    {
        var app = typeof(HttpFunctions).Assembly;
        // The host finds the functions in the entry assembly.
        Assembly.SetEntryAssembly(app);
        app.EntryPoint!.Invoke(null, [arguments]);
    }
}
