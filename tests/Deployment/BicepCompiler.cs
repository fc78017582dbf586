using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Serverless.Deployment.Tests;

/// <summary>The Bicep compiler that the project pins. It is a program for Linux on x64: tests that need it are skipped elsewhere.</summary>
internal static class BicepCompiler
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static bool IsHere => OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture is Architecture.X64;

    /// <summary>Runs it in the folder <c>infra</c>; what it says of warnings and errors is in <c>Diagnostics</c>.</summary>
    public static async Task<(int ExitCode, string Output, string Diagnostics)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable(), arguments)
        {
            WorkingDirectory = ProjectFiles.Path("infra"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var diagnostics = process.StandardError.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        return (process.ExitCode, await output, await diagnostics);
    }

    private static string Executable()
    {
        var path = ProjectFiles.BuildValue("BicepCompiler");
        // Packages are unpacked without the right to execute what is in them.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
        return path;
    }
}
