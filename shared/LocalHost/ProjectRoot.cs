namespace Serverless.LocalHost;

/// <summary>The folder that holds host.json: settings, the data folder and the pinned Azurite are found from it.</summary>
internal static class ProjectRoot
{
    /// <summary>
    /// Walks up from the current directory, then from the program's own (a test runner's current directory may be anywhere). A build may have put a copy
    /// of host.json beside the program; infra is only in the project.
    /// </summary>
    /// <exception cref="StartupException">There is no such folder.</exception>
    public static string Find() =>
        WalkUp(Environment.CurrentDirectory) ?? WalkUp(AppContext.BaseDirectory)
        ?? throw new StartupException("host.json was not found in the current directory or above it: run this from inside the project's folder.");

    private static string? WalkUp(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "host.json")) && Directory.Exists(Path.Combine(at.FullName, "infra")))
                return at.FullName;
        return null;
    }
}
