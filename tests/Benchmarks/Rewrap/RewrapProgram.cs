using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Keys;
using Serverless.Objects.Rotation;
using Serverless.Objects.Store;

namespace Serverless.Benchmarks.Rewrap;

/// <summary>A re-wrap pass in a process of its own, which writes how much memory it has resident when it is through with a tenth, a half and all of the objects.</summary>
internal static class RewrapProgram
{
    public const string Marker = "resident";

    /// <param name="arguments">The connection string, the root key's file, and how many objects there are.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var total = long.Parse(arguments[2], CultureInfo.InvariantCulture);
        var services = RewrapServices.Add(arguments[0], arguments[1]);
        var stored = services.Last(service => service.ServiceType == typeof(IRewrapStore));
        services.AddSingleton<IRewrapStore>(provider => new ObservedStore((IRewrapStore)ActivatorUtilities.CreateInstance(provider, stored.ImplementationType!), total));
        await using var provider = services.BuildServiceProvider();
        var pass = provider.GetRequiredService<RewrapPass>();
        var clock = Stopwatch.StartNew();
        RewrapProgress? progress = null;
        while (progress?.CompletedAt is null)
        {
            try
            {
                progress = await pass.RunAsync(CancellationToken.None);
            }
            catch (StoreUnavailableException)
            {
                // The next run goes on, as the timer's does.
            }
        }
        if (progress.Rewrapped != total) throw new InvalidOperationException($"{progress.Rewrapped} of {total} objects were re-wrapped.");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seconds {clock.Elapsed.TotalSeconds:F1}"));
    }

    /// <summary>Looks, whenever the pass is noted, how far it is.</summary>
    private sealed class ObservedStore(IRewrapStore store, long total) : IRewrapStore
    {
        private static readonly int[] Marks = [10, 50, 100];

        private int _next;

        public ValueTask<RewrapNote?> ReadAsync(CancellationToken cancellationToken) => store.ReadAsync(cancellationToken);

        public ValueTask<bool> TryWriteAsync(RewrapNote note, CancellationToken cancellationToken)
        {
            while (_next < Marks.Length && note.Seen * 100 >= total * Marks[_next])
            {
                using var self = Process.GetCurrentProcess();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Marker} {Marks[_next++]} {self.WorkingSet64}"));
            }
            return store.TryWriteAsync(note, cancellationToken);
        }

        public ValueTask FileAsync(Guid pass, FinishedSection finished, CancellationToken cancellationToken) => store.FileAsync(pass, finished, cancellationToken);

        public IAsyncEnumerable<BucketReferences> ListAsync(Guid pass, string key, CancellationToken cancellationToken) => store.ListAsync(pass, key, cancellationToken);

        public ValueTask ForgetAsync(Guid pass, CancellationToken cancellationToken) => store.ForgetAsync(pass, cancellationToken);
    }
}
