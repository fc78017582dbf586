using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Serverless.LocalHost.Azurite;

/// <summary>The pinned Azurite under infra/azurite, installed by <c>npm ci</c> from its lock file when it is not there yet.</summary>
internal static class AzuriteInstallation
{
    public const string NodeMissing =
        "Node.js was not found. Azurite, the storage emulator, needs it: install Node.js 20 or newer (Debian: apt install nodejs npm), or set AzureWebJobsStorage to a storage account.";

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Installs Azurite where it is missing or not what the lock file says, telling the console so, and returns the folder infra/azurite.
    /// Safe to call from several processes at once.
    /// </summary>
    /// <exception cref="StartupException">npm is missing or failed.</exception>
    public static async Task<string> EnsureAsync(CancellationToken cancellationToken)
    {
        var root = ProjectRoot.Find();
        var folder = Path.Combine(root, "infra", "azurite");
        if (IsInstalled(folder)) return folder;
        using (await FileLock.AcquireAsync(Path.Combine(root, ".local", "azurite-install.lock"), cancellationToken))
            if (!IsInstalled(folder))
                await InstallAsync(folder, cancellationToken);
        return folder;
    }

    /// <summary>
    /// npm writes node_modules/.package-lock.json last, so an interrupted installation does not have it. Each package in it must be the one
    /// that the lock file pins (packages for other platforms are pinned, but not installed).
    /// </summary>
    private static bool IsInstalled(string folder)
    {
        var installedFile = Path.Combine(folder, "node_modules", ".package-lock.json");
        if (!File.Exists(installedFile)) return false;
        var pinned = Packages(Path.Combine(folder, "package-lock.json"));
        var installed = Packages(installedFile);
        return installed.ContainsKey("node_modules/azurite")
            && installed.All(package => (string?)pinned[package.Key]?["integrity"] == (string?)package.Value?["integrity"]);

        static JsonObject Packages(string file) => JsonNode.Parse(File.ReadAllText(file))!["packages"]!.AsObject();
    }

    private static async Task InstallAsync(string folder, CancellationToken cancellationToken)
    {
        // Said first, because without Node.js there is no npm either.
        using (var node = Start(new ProcessStartInfo("node", ["--version"]) { RedirectStandardOutput = true }, NodeMissing))
            await node.WaitForExitAsync(cancellationToken);
        Console.WriteLine("Installing Azurite, the storage emulator (first time only, about a minute) ...");
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--loglevel=error"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var npm = Start(start, "npm was not found. It installs Azurite, the storage emulator: install it (Debian: apt install npm), or set AzureWebJobsStorage to a storage account.");
        npm.StandardInput.Close();
        var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = npm.StandardError.ReadToEndAsync(cancellationToken);
        var exit = npm.WaitForExitAsync(cancellationToken);
        while (await Task.WhenAny(exit, Task.Delay(ProgressInterval, cancellationToken)) != exit && !cancellationToken.IsCancellationRequested)
            Console.WriteLine($"  still installing, {clock.Elapsed.TotalSeconds:0} s ...");
        await exit;
        await output;
        if (npm.ExitCode != 0)
        {
            // npm's first lines say why; after them comes how to use it.
            var reason = string.Join(' ', (await errors).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(3));
            throw new StartupException($"`npm ci` in {folder} failed with exit code {npm.ExitCode}: {reason}");
        }
        Console.WriteLine($"  installed in {clock.Elapsed.TotalSeconds:0} s.");
    }

    /// <summary>Starts a program, or says in one sentence that it is missing.</summary>
    public static Process Start(ProcessStartInfo start, string missing)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new StartupException(missing, exception);
        }
    }
}
