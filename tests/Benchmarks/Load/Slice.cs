namespace Serverless.Benchmarks.Load;

/// <summary>What a short run came to. What the program does after its answers is counted, too.</summary>
/// <param name="Throughput">Requests a second.</param>
/// <param name="Compilation">The part of the time in which the program was compiling itself.</param>
/// <param name="CpuTime">Microseconds of the program's CPU time for a request.</param>
/// <param name="AllocatedBytes">Bytes that the program allocated for a request.</param>
internal readonly record struct Slice(double Throughput, double Compilation, double CpuTime, double AllocatedBytes);
