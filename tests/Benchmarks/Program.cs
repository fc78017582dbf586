using Serverless.Benchmarks.Kernels;
using Serverless.Benchmarks.Report;
var targets = new Targets();
KernelReport.Run(args.Contains("--quick"), Console.Out, targets);
targets.Write(Console.Out);
