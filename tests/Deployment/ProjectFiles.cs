using System.Reflection;

namespace Serverless.Deployment.Tests;

/// <summary>The project's own files.</summary>
internal static class ProjectFiles
{
    public static string Root { get; } = FindRoot();

    public static string Path(params string[] names) => System.IO.Path.Combine([Root, .. names]);

    /// <summary>A value that the build left in this assembly.</summary>
    public static string BuildValue(string name) =>
        typeof(ProjectFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(value => value.Key == name).Value!;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Serverless.sln"))) return folder.FullName;
        }
        throw new InvalidOperationException("The tests do not run inside the project's folder.");
    }
}
