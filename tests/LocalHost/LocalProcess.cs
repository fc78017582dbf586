using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Serverless.LocalHost.SampleApp;

namespace Serverless.LocalHost.Tests;

/// <summary>The sample app as a process of its own.</summary>
internal sealed partial class LocalProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    /// <param name="arguments">Its command line.</param>
    /// <param name="settings">Environment variables beside those that the app always needs.</param>
    public LocalProcess(string[] arguments, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            ["exec", typeof(Journal).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Sample__Schedule"] = "0 0 * * * *";
        start.Environment["Sample__Queue"] = "work";
        foreach (var (name, value) in settings) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    /// <summary>Where it serves http, once it does.</summary>
    public async Task<Uri> EndpointAsync()
    {
        await Until.True(() => _process.HasExited || Output.Contains("Ctrl-C", StringComparison.Ordinal), "the banner");
        Assert.False(_process.HasExited, Errors);
        return new Uri(Output.Split('\n').First(line => line.StartsWith("S3 endpoint", StringComparison.Ordinal)).Split(' ')[^1].Trim());
    }

    /// <summary>The process ids of what it has started, read from /proc.</summary>
    public List<int> Children()
    {
        List<int> children = [];
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id)) continue;
            try
            {
                // "pid (name) state parent ..."; the name may hold blanks and brackets.
                if (File.ReadAllText($"{folder}/stat").Split(')')[^1].Split(' ')[2] == $"{_process.Id}") children.Add(id);
            }
            catch (IOException)
            {
                // That one ended while we looked.
            }
        }
        return children;
    }

    public void Send(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public async Task<int> ExitCodeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text) text.AppendLine(line);
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
