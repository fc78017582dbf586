using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using Serverless.Benchmarks.Report;
using Serverless.Encryption;

namespace Serverless.Benchmarks.Kernels;

/// <summary>Runs <see cref="StreamKernels"/> with BenchmarkDotNet, in this process, and sets each pair in relation.</summary>
internal static class KernelReport
{
    private const double RequiredRatio = 0.9;
    private const int Iterations = 12;

    /// <summary>What is measured, and the bare equivalent that it is measured against.</summary>
    private static readonly (string Kernel, string Bare)[] Pairs =
    [
        (nameof(StreamKernels.SealChunks), nameof(StreamKernels.BareSeal)),
        (nameof(StreamKernels.SealStream), nameof(StreamKernels.BareSeal)),
        (nameof(StreamKernels.OpenChunks), nameof(StreamKernels.BareOpen)),
        (nameof(StreamKernels.OpenStream), nameof(StreamKernels.BareOpenStream)),
    ];

    private static readonly Job Job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
        .WithWarmupCount(3).WithIterationCount(Iterations).WithIterationTime(TimeInterval.FromMilliseconds(100));

    /// <param name="passes">How often all of it is measured: a while in which something else had the machine does not hit one kernel alone.</param>
    /// <param name="output">Gets the table.</param>
    /// <param name="targets">Gets what has to be reached.</param>
    public static void Run(int passes, TextWriter output, Targets targets)
    {
        var artifacts = Directory.CreateTempSubdirectory("serverless-benchmarks-");
        try
        {
            var config = ManualConfig.CreateEmpty().AddJob(Job).AddDiagnoser(MemoryDiagnoser.Default).AddColumnProvider(DefaultColumnProviders.Instance)
                .AddLogger(NullLogger.Instance).WithArtifactsPath(artifacts.FullName);
            Write([.. Enumerable.Range(0, passes).SelectMany(_ => Measure(config))], output, targets);
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }

    private static IEnumerable<Kernel> Measure(IConfig config)
    {
        var summary = BenchmarkRunner.Run<StreamKernels>(config);
        if (summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success))
            throw new InvalidOperationException($"BenchmarkDotNet did not run: {string.Join(" ", summary.ValidationErrors.Select(error => error.Message))}");
        return summary.Reports.Select(report => new Kernel(
            report.BenchmarkCase.Descriptor.WorkloadMethod.Name,
            (int)report.BenchmarkCase.Parameters[nameof(StreamKernels.Size)],
            report.ResultStatistics!.Min,
            report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0));
    }

    private static void Write(IReadOnlyList<Kernel> kernels, TextWriter output, Targets targets)
    {
        var table = new MarkdownTable("kernel", "bare AesGcm, MB/s", "kernel, MB/s", "ratio", "bytes allocated per message", "per chunk");
        foreach (var (name, bareName) in Pairs)
        {
            Kernel[] measured = [.. kernels.Where(kernel => kernel.Name == name).GroupBy(kernel => kernel.Size).Select(Fastest).OrderBy(kernel => kernel.Size)];
            // What a message costs however long it is cancels out between the two sizes.
            var perChunk = (double)(measured[^1].Allocated - measured[0].Allocated) * ChunkedEncryption.ChunkSize / (measured[^1].Size - measured[0].Size);
            foreach (var kernel in measured)
            {
                var bare = Fastest(kernels.Where(other => other.Name == bareName && other.Size == kernel.Size));
                var sized = $"{name} {kernel.Size >> 20} MiB";
                table.Add(sized, MarkdownTable.Whole(bare.Speed), MarkdownTable.Whole(kernel.Speed), MarkdownTable.Ratio(kernel.Speed / bare.Speed),
                    MarkdownTable.Whole(kernel.Allocated), MarkdownTable.Ratio(perChunk));
                targets.AtLeast($"{sized} / bare AesGcm", RequiredRatio, kernel.Speed / bare.Speed);
            }
            targets.AtMostBytes($"{name}: bytes allocated per chunk", 0, Math.Max(0, Math.Round(perChunk, 1)));
        }
        output.WriteLine("## Kernels");
        output.WriteLine();
        table.Write(output);
    }

    /// <summary>Whatever else the machine does can only make a kernel slower.</summary>
    private static Kernel Fastest(IEnumerable<Kernel> measured) => measured.MinBy(kernel => kernel.Nanoseconds)!;

    /// <summary>A measured kernel: its fastest iteration's time, and the bytes that it allocated, for one message.</summary>
    private sealed record Kernel(string Name, int Size, double Nanoseconds, long Allocated)
    {
        /// <summary>MB/s: bytes per nanosecond are thousands of them.</summary>
        public double Speed => Size * 1e3 / Nanoseconds;
    }
}
