namespace Serverless.LocalHost.Settings;

/// <summary>Files and folders that nobody but their owner may read: modes 0600 and 0700 (on Windows, what the user's own folder grants).</summary>
internal static class OwnerOnly
{
    /// <summary>Writes a file as a whole: a reader sees the old content or the new, and never with another mode.</summary>
    public static void WriteFile(string path, string content)
    {
        var temporary = $"{path}.{Environment.ProcessId}.new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(temporary, options)) writer.Write(content);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Creates a folder where it is missing.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
