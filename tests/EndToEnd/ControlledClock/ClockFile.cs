using System.Globalization;

namespace Serverless.EndToEnd.ControlledClock;

/// <summary>How far a test's clock is ahead of the machine's, in a file: every process that is started with it follows.</summary>
public sealed class ClockFile(string path)
{
    /// <summary>The environment variable that names the file to a process.</summary>
    public const string Setting = "CONTROLLED_CLOCK_FILE";

    /// <summary>The environment variable by which .NET loads <see cref="StartupHook"/>'s assembly into a process (https://github.com/dotnet/runtime/blob/main/docs/design/features/host-startup-hook.md).</summary>
    public const string HookSetting = "DOTNET_STARTUP_HOOKS";

    public string Path => path;

    /// <summary>Never less than before: this clock only runs ahead.</summary>
    public TimeSpan Ahead
    {
        get => TimeSpan.FromTicks(long.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture));
        set
        {
            // Replaced in one step: a reader never sees half a number.
            var next = path + ".next";
            File.WriteAllText(next, value.Ticks.ToString(CultureInfo.InvariantCulture));
            File.Move(next, path, overwrite: true);
        }
    }
}
