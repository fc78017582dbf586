using System.Security.Cryptography;
using Serverless.Benchmarks.Load;
using Serverless.Benchmarks.Programs;

namespace Serverless.Benchmarks.Report;

/// <summary>The most memory that the service ever had resident, after it has taken an object of 1 GiB and given it back.</summary>
internal static class MemoryReport
{
    private const int PieceSize = 1 << 20;
    private const int Pieces = 1024;
    private const long AllowedBytes = 300L << 20;

    public static async Task RunAsync(TextWriter output, Targets targets, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.StartAsync([Contenders.S3], onDisk: true, cancellationToken);
        await Contenders.CreateBucketAsync(stage, cancellationToken);
        var table = new MarkdownTable("step", "MB/s", "peak resident MiB");
        table.Add("started", "", MarkdownTable.Whole(await PeakAsync() / (1 << 20)));

        var service = Contenders.Of(stage, workers: 1, RandomNumberGenerator.GetBytes(PieceSize), Pieces).Single(contender => contender.Name == Contenders.S3);
        foreach (var (verb, requests) in new[] { (PhaseRun.Put, service.Put), (PhaseRun.Get, service.Get) })
        {
            var slice = await service.RunAsync(requests, TimeSpan.Zero, maxRequests: 1, cancellationToken);
            var peak = await PeakAsync();
            table.Add($"{verb} 1 GiB", MarkdownTable.Whole(slice.Throughput * PieceSize * Pieces / 1e6), MarkdownTable.Whole(peak / (1 << 20)));
            targets.AtMostBytes($"Peak resident bytes, {verb} 1 GiB", AllowedBytes, peak);
        }
        output.WriteLine("## Memory");
        output.WriteLine();
        table.Write(output);

        async Task<double> PeakAsync() => (await stage.Service!.ReadUsageAsync(cancellationToken)).PeakResidentBytes;
    }
}
