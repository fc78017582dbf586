using System.Diagnostics;

namespace Serverless.Deployment.Tests.Worker;

/// <summary>What <c>infra/deploy.sh</c> deploys: <c>dotnet publish functions -p:FunctionsHost=Azure</c>, away from the other builds.</summary>
internal static class Publication
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    /// <param name="work">A folder for what is made on the way.</param>
    /// <param name="output">The deployable folder.</param>
    /// <param name="options">Further options of <c>dotnet publish</c>.</param>
    /// <exception cref="InvalidOperationException">It cannot be published; the message is what the command has printed.</exception>
    public static async Task PublishAsync(string work, string output, params string[] options)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            "publish", ProjectFiles.Path("functions"), "--configuration", "Release", "-p:FunctionsHost=Azure", "--artifacts-path", work, "--output", output,
            "--nologo", "--verbosity", "quiet", "-nodeReuse:false", .. options,
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the calling process's own build has set would be taken for this one's.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var printed = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        if (process.ExitCode != 0) throw new InvalidOperationException(await printed + await errors);
    }
}
