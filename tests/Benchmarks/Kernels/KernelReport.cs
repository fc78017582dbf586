using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Serverless.Benchmarks.Report;
using Serverless.Encryption;

namespace Serverless.Benchmarks.Kernels;

/// <summary>Runs <see cref="StreamKernels"/> with BenchmarkDotNet, in this process, and sets each pair in relation.</summary>
internal static class KernelReport
{
    private const double RequiredRatio = 0.9;

    public static void Run(bool quick, TextWriter output, Targets targets)
    {
        var artifacts = Directory.CreateTempSubdirectory("serverless-benchmarks-");
        try
        {
            var job = (quick ? Job.ShortRun : Job.MediumRun.WithLaunchCount(1)).WithToolchain(InProcessEmitToolchain.Instance);
            var config = ManualConfig.CreateEmpty().AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).AddColumnProvider(DefaultColumnProviders.Instance)
                .AddLogger(NullLogger.Instance).WithArtifactsPath(artifacts.FullName);
            var summary = BenchmarkRunner.Run<StreamKernels>(config);
            if (summary.HasCriticalValidationErrors || summary.Reports.Length == 0)
                throw new InvalidOperationException($"BenchmarkDotNet refuses to run: {string.Join(" ", summary.ValidationErrors.Select(error => error.Message))}");
            Write(summary, output, targets);
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }

    private static void Write(Summary summary, TextWriter output, Targets targets)
    {
        var table = new MarkdownTable("kernel", "bare AesGcm, MB/s", "stream, MB/s", "ratio", "bytes allocated per message", "per chunk");
        foreach (var operation in new[] { nameof(StreamKernels.Seal), nameof(StreamKernels.Open) })
        {
            var measured = summary.Reports
                .Where(report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name == operation)
                .Select(report => (Size: Size(report), Time: Time(report), Allocated: Allocated(report))).OrderBy(report => report.Size).ToList();
            // What a message costs however long it is cancels out between the two sizes.
            var perChunk = (double)(measured[^1].Allocated - measured[0].Allocated) * ChunkedEncryption.ChunkSize / (measured[^1].Size - measured[0].Size);
            foreach (var (size, time, allocated) in measured)
            {
                var bare = Time(summary.Reports.Single(report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name == "Bare" + operation && Size(report) == size));
                var name = $"{operation} {size >> 20} MiB";
                // Bytes per nanosecond are thousands of MB/s.
                table.Add(name, MarkdownTable.Whole(size * 1e3 / bare), MarkdownTable.Whole(size * 1e3 / time),
                    MarkdownTable.Ratio(bare / time), MarkdownTable.Whole(allocated), MarkdownTable.Ratio(perChunk));
                targets.AtLeast($"{name} / bare AesGcm", RequiredRatio, bare / time);
            }
            targets.AtMostBytes($"{operation}: bytes allocated per chunk", 0, Math.Round(perChunk, 1));
        }
        output.WriteLine("## Kernels");
        output.WriteLine();
        table.Write(output);
    }

    private static int Size(BenchmarkReport report) => (int)report.BenchmarkCase.Parameters[nameof(StreamKernels.Size)];

    /// <summary>Nanoseconds of the fastest iteration: whatever else the machine does can only add to it.</summary>
    private static double Time(BenchmarkReport report) => report.ResultStatistics!.Min;

    private static long Allocated(BenchmarkReport report) => report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;
}
