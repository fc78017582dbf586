using Serverless.Benchmarks;
using Serverless.Benchmarks.ColdStart;
using Serverless.Benchmarks.Kernels;
using Serverless.Benchmarks.Load;
using Serverless.Benchmarks.Programs;
using Serverless.Benchmarks.Report;
using Serverless.Benchmarks.Rewrap;

if (await Roles.TryRunAsync(args)) return 0;
if (Selection.Parse(args) is not { } selection)
{
    Console.Error.WriteLine(Selection.Usage);
    return 2;
}

var targets = new Targets();
if (selection.Kernels)
{
    Console.Error.WriteLine("kernels ...");
    KernelReport.Run(selection.Quick ? 1 : 3, Console.Out, targets);
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, interrupt) =>
{
    // What was started is stopped first, unless the user insists.
    interrupt.Cancel = !cancellation.IsCancellationRequested;
    cancellation.Cancel();
};
try
{
    if (selection.Load)
    {
        var effort = selection.Quick ? Effort.Quick : Effort.Full;
        var results = new List<PhaseResults>();
        foreach (var phase in selection.Phases)
        {
            Console.Error.WriteLine($"{phase.Size} bytes, {phase.Workers} at once ...");
            results.Add(await PhaseRun.RunAsync(phase, effort, selection.Modes, cancellation.Token));
        }
        ServiceReport.Write(results, Console.Out, targets);
    }
    if (selection.Memory)
    {
        Console.Error.WriteLine("1 GiB ...");
        await MemoryReport.RunAsync(Console.Out, targets, cancellation.Token);
    }
    if (selection.LookupRecords > 0)
    {
        Console.Error.WriteLine("lookups ...");
        await LookupReport.RunAsync(selection.LookupRecords, Console.Out, cancellation.Token);
    }
    if (selection.Rewrap > 0)
    {
        Console.Error.WriteLine("re-wrapping ...");
        await RewrapReport.RunAsync(selection.Rewrap, Console.Out, targets, cancellation.Token);
    }
    if (selection.ColdStart)
    {
        Console.Error.WriteLine("cold starts ...");
        await ColdStartReport.RunAsync(selection.Quick ? 3 : 9, Console.Out, cancellation.Token);
    }
}
catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
{
    return 130;
}
targets.Write(Console.Out);
return 0;
