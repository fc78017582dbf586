namespace Serverless.Objects.Tests;

/// <summary>Where the project's own files are, which some tests hold against what the service does.</summary>
internal static class ProjectFolder
{
    private static readonly string Root = Find();

    public static string File(params string[] names) => Path.Combine([Root, .. names]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Serverless.sln"))) return folder.FullName;
        throw new InvalidOperationException("The tests run outside the project's folder.");
    }
}
