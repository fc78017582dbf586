using Serverless.Benchmarks.Load;
using static Serverless.Benchmarks.Report.MarkdownTable;

namespace Serverless.Benchmarks.Report;

/// <summary>What the phases measured, as ratios within their rounds, and the targets for them.</summary>
internal static class ServiceReport
{
    private const double RequiredOfSseS3 = 0.85;
    private const double AllowedCpuToFloor = 1.5;

    public static void Write(IReadOnlyList<PhaseResults> phases, TextWriter output, Targets targets)
    {
        output.WriteLine("## Service");
        output.WriteLine();
        var table = new MarkdownTable("object", "at once", "verb", "contender", "requests/s", "of Azurite", "of floor", "of SSE-S3", "CPU µs", "CPU to floor", "bytes allocated");
        foreach (var results in phases)
        {
            foreach (var verb in new[] { PhaseRun.Put, PhaseRun.Get })
            {
                foreach (var contender in results.Contenders) AddRow(table, results, verb, contender);
                AddTargets(targets, results, verb);
            }
        }
        table.Write(output);
        output.WriteLine("Ratios are of requests a second, each the median over the rounds. SSE-C is measured over TLS, everything else without.");
        output.WriteLine();
    }

    private static void AddRow(MarkdownTable table, PhaseResults results, string verb, string contender)
    {
        var slices = results.Of(contender, verb);
        var isProgram = contender != Contenders.Azurite;
        var isService = isProgram && contender != Contenders.Floor;
        table.Add(Size(results.Phase), $"{results.Phase.Workers}", verb, contender, Whole(Median.Of(slices.Select(slice => slice.Throughput))),
            isProgram ? Ratio(Throughput(results, verb, contender, Contenders.Azurite)) : "",
            isService ? Ratio(Throughput(results, verb, contender, Contenders.Floor)) : "",
            isService && contender != Contenders.S3 && results.Contenders.Contains(Contenders.S3) ? Ratio(Throughput(results, verb, contender, Contenders.S3)) : "",
            isProgram ? Whole(Median.Of(slices.Select(slice => slice.CpuTime))) : "",
            isService ? Ratio(CpuTime(results, verb, contender, Contenders.Floor)) : "",
            isProgram ? Whole(Median.Of(slices.Select(slice => slice.AllocatedBytes))) : "");
    }

    private static void AddTargets(Targets targets, PhaseResults results, string verb)
    {
        if (!results.Contenders.Contains(Contenders.S3)) return;
        var (ofFloor, ofAzurite) = (results.Phase.Size, verb) switch
        {
            (8 << 20, PhaseRun.Put) => (0.85, 0.7),
            (8 << 20, _) => (0.85, 0.55),
            (1024, _) => (0.75, 0.7),
            _ => (0, 0),
        };
        var name = $"{Size(results.Phase)} {verb}, {results.Phase.Workers} at once: ";
        if (ofFloor > 0)
        {
            targets.AtLeast(name + "SSE-S3 of floor", ofFloor, Throughput(results, verb, Contenders.S3, Contenders.Floor));
            targets.AtMost(name + "CPU time, SSE-S3 to floor", AllowedCpuToFloor, CpuTime(results, verb, Contenders.S3, Contenders.Floor));
            targets.AtLeast(name + "SSE-S3 of Azurite", ofAzurite, Throughput(results, verb, Contenders.S3, Contenders.Azurite));
        }
        if (results.Contenders.Contains(Contenders.Kms))
            targets.AtLeast(name + "SSE-KMS of SSE-S3", RequiredOfSseS3, Throughput(results, verb, Contenders.Kms, Contenders.S3));
    }

    private static double Throughput(PhaseResults results, string verb, string contender, string reference) =>
        Median.Of(results.Of(contender, verb).Zip(results.Of(reference, verb), (slice, other) => slice.Throughput / other.Throughput));

    private static double CpuTime(PhaseResults results, string verb, string contender, string reference) =>
        Median.Of(results.Of(contender, verb).Zip(results.Of(reference, verb), (slice, other) => slice.CpuTime / other.CpuTime));

    private static string Size(Phase phase) => phase.Size < 1 << 20 ? $"{phase.Size >> 10} KiB" : $"{phase.Size >> 20} MiB";
}
