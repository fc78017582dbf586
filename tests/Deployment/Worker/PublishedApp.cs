using System.Diagnostics;

namespace Serverless.Deployment.Tests.Worker;

/// <summary>The deployable folder: what <c>dotnet publish functions -p:FunctionsHost=Azure</c> makes, once for all tests, away from the other builds.</summary>
public sealed class PublishedApp : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly DirectoryInfo _work = Directory.CreateTempSubdirectory("serverless-publish-");

    public string Folder => Path.Combine(_work.FullName, "app");

    public async Task InitializeAsync()
    {
        var start = new ProcessStartInfo("dotnet",
        [
            "publish", ProjectFiles.Path("functions"), "--configuration", "Release", "-p:FunctionsHost=Azure", "--artifacts-path", Path.Combine(_work.FullName, "build"), "--output", Folder,
            "--nologo", "--verbosity", "quiet", "-nodeReuse:false",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the test host's own build has set would be taken for this one's.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(process.ExitCode == 0, await output + await errors);
    }

    public Task DisposeAsync()
    {
        _work.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
