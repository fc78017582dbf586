using System.Diagnostics;
using System.Reflection;
using Serverless.LocalHost;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Where an app's Program starts.</summary>
public static class FunctionsApplication
{
    /// <summary>
    /// Prepares the machine (settings, keys, certificate, storage) and returns the app's builder. Where that fails, it prints one sentence and ends the
    /// process with exit code 1.
    /// </summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args)
    {
        var options = new LocalOptions();
        try
        {
            options = LocalOptions.Parse(args);
            return new FunctionsApplicationBuilder(options, Assembly.GetEntryAssembly()!);
        }
        catch (Exception exception)
        {
            LocalFunctionsHost.Report(exception, options);
            Environment.Exit(1);
            throw new UnreachableException();
        }
    }
}
