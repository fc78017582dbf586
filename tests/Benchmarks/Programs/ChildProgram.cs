using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Serverless.Benchmarks.Programs;

/// <summary>What a program has used since it started, the time that it has spent compiling, and the most memory it ever had resident.</summary>
internal readonly record struct Usage(TimeSpan CpuTime, TimeSpan CompilationTime, long AllocatedBytes, long PeakResidentBytes);

/// <summary>This executable, started once more in one of its roles, so that what is measured has a process of its own. It ends with this one at the latest.</summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly Channel<Usage> _usages = Channel.CreateUnbounded<Usage>();
    private readonly Process _process;
    private string _lastLine = "";

    private ChildProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Understand(line.Data);
        process.ErrorDataReceived += (_, line) => Understand(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Starts the program, and returns once it answers with success at <paramref name="ready"/>.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not answer in a minute.</exception>
    public static async Task<ChildProgram> StartAsync(
        Uri ready, string[] arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var program = new ChildProgram(Process.Start(start)!);
        try
        {
            await program.WaitUntilReadyAsync(ready, cancellationToken);
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>A port of 127.0.0.1 that nothing listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Asks the program what it has used so far.</summary>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public async Task<Usage> ReadUsageAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync();
            return await _usages.Reader.ReadAsync(cancellationToken);
        }
        catch (Exception ended) when (ended is IOException or ChannelClosedException)
        {
            throw new InvalidOperationException($"A measured program has ended: {_lastLine}", ended);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }
        _process.Dispose();
    }

    private async Task WaitUntilReadyAsync(Uri ready, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        for (var clock = Stopwatch.StartNew(); !_process.HasExited && clock.Elapsed < StartLimit; await Task.Delay(50, cancellationToken))
        {
            try
            {
                using var answer = await client.GetAsync(ready, cancellationToken);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }
        throw new InvalidOperationException($"The program for {ready} did not start: {_lastLine}");
    }

    private void Understand(string? line)
    {
        if (UsageReport.TryParse(line, out var usage)) _usages.Writer.TryWrite(usage);
        else if (!string.IsNullOrWhiteSpace(line)) _lastLine = line;
        else if (line is null) _usages.Writer.TryComplete();
    }
}
