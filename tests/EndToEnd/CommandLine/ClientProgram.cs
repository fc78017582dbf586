using System.Diagnostics;

namespace Serverless.EndToEnd.CommandLine;

/// <summary>A client that is installed on this machine and sees nothing of its user's own configuration.</summary>
internal static class ClientProgram
{
    /// <summary>Skips the test where the program is not installed.</summary>
    /// <param name="program">The program.</param>
    /// <param name="version">What makes it tell its version.</param>
    public static async Task RequireAsync(string program, string version)
    {
        try
        {
            await MustAsync(program, [version], [], TimeSpan.FromMinutes(1));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Skip.If(true, $"There is no {program} on this machine.");
        }
    }

    /// <summary>Runs it to its end, where it must have succeeded, and returns what it printed.</summary>
    public static async Task<string> MustAsync(string program, string[] arguments, IEnumerable<(string Name, string Value)> environment, TimeSpan limit)
    {
        var (exitCode, output, errors) = await RunAsync(program, arguments, environment, limit);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}\n{output}\n{errors}");
        return output;
    }

    /// <summary>Runs it to its end, which must come within <paramref name="limit"/>.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment, TimeSpan limit)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("RCLONE_", StringComparison.Ordinal)
            || name.EndsWith("CA_BUNDLE", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["NO_PROXY"] = "127.0.0.1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var expiry = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(expiry.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return (process.ExitCode, await output, await errors);
    }
}
