using System.Diagnostics;
using System.Globalization;
using System.Runtime;

namespace Serverless.Benchmarks.Programs;

/// <summary>A measured program's side: for each line on standard input it writes what it has used so far; when the input ends, so does the program.</summary>
internal static class UsageReport
{
    private const string Marker = "usage";

    public static void AnswerOnConsole() => new Thread(Answer) { IsBackground = true, Name = nameof(UsageReport) }.Start();

    /// <summary>Understands a line of such a program, among those that it writes for other reasons.</summary>
    public static bool TryParse(string? line, out Usage usage)
    {
        if (line?.Split(' ') is not [Marker, var cpuTicks, var compilationTicks, var allocated, var peak])
        {
            usage = default;
            return false;
        }
        usage = new(new TimeSpan(Number(cpuTicks)), new TimeSpan(Number(compilationTicks)), Number(allocated), Number(peak));
        return true;
    }

    private static void Answer()
    {
        using var self = Process.GetCurrentProcess();
        while (Console.ReadLine() is not null)
        {
            self.Refresh();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Marker} {Environment.CpuUsage.TotalTime.Ticks} {JitInfo.GetCompilationTime().Ticks} {GC.GetTotalAllocatedBytes(precise: true)} {self.PeakWorkingSet64}"));
        }
        Environment.Exit(0);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
