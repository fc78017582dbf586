using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Serverless.Benchmarks.Programs;

namespace Serverless.Benchmarks.Load;

/// <summary>Something that stores and returns the bytes: the service in one of its modes, the floor, or Azurite itself.</summary>
/// <param name="Name">As the tables call it.</param>
/// <param name="Server">Where it listens.</param>
/// <param name="Authority">Who issued its certificate, where it is reached over TLS.</param>
/// <param name="Program">Our process behind it, whose use of the machine is measured; null for Azurite.</param>
/// <param name="Settle">Waits until everything that requests have left behind is done.</param>
/// <param name="Put">The request of each worker, which writes a key of its own.</param>
/// <param name="Get">Reads the same key.</param>
internal sealed record Contender(
    string Name, Uri Server, X509Certificate2? Authority, ChildProgram? Program, Func<CancellationToken, Task> Settle,
    PreparedRequest[] Put, PreparedRequest[] Get)
{
    /// <summary>Stores every worker's object and reads it back.</summary>
    /// <exception cref="InvalidDataException">What was read is not what was stored.</exception>
    public async Task VerifyAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        await using var connection = await HttpConnection.OpenAsync(Server, Authority, cancellationToken);
        var received = new byte[body.Length];
        foreach (var (put, get) in Put.Zip(Get))
        {
            await connection.SendAsync(put, default, cancellationToken);
            if (await connection.SendAsync(get, received, cancellationToken) != body.Length || !body.Span.SequenceEqual(received))
                throw new InvalidDataException($"{Name} did not return what it was given.");
        }
    }

    /// <summary>Has every worker send its request again and again, until the time is over or enough were sent; at least one is.</summary>
    public async Task<Slice> RunAsync(PreparedRequest[] requests, TimeSpan duration, int maxRequests, CancellationToken cancellationToken)
    {
        var connections = new HttpConnection[requests.Length];
        try
        {
            for (var worker = 0; worker < connections.Length; worker++)
                connections[worker] = await HttpConnection.OpenAsync(Server, Authority, cancellationToken);

            var before = Program is null ? default : await Program.ReadUsageAsync(cancellationToken);
            var (started, completed) = (0, 0);
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(requests.Select((request, worker) => Task.Run(async () =>
            {
                while (Interlocked.Increment(ref started) is var number && number <= maxRequests && (number == 1 || clock.Elapsed < duration))
                {
                    await connections[worker].SendAsync(request, default, cancellationToken);
                    Interlocked.Increment(ref completed);
                }
            }, cancellationToken)));
            var elapsed = clock.Elapsed;
            await Settle(cancellationToken);
            var after = Program is null ? default : await Program.ReadUsageAsync(cancellationToken);
            return new Slice(completed / elapsed.TotalSeconds, (after.CompilationTime - before.CompilationTime) / elapsed,
                (after.CpuTime - before.CpuTime).TotalMicroseconds / completed, (double)(after.AllocatedBytes - before.AllocatedBytes) / completed);
        }
        finally
        {
            foreach (var connection in connections.OfType<HttpConnection>()) await connection.DisposeAsync();
        }
    }
}
