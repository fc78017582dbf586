using System.Security.Cryptography;
using Serverless.Benchmarks.Programs;

namespace Serverless.Benchmarks.Load;

/// <summary>What a phase measures: objects of one size, from a number of workers at once.</summary>
internal sealed record Phase(int Size, int Workers);

/// <summary>How long is measured.</summary>
/// <param name="Rounds">Everything is measured once a round; what is reported is the median of the rounds.</param>
/// <param name="Slice">How long one contender sends one kind of request at a time.</param>
/// <param name="WarmUp">How many slices there are at most before the first round, while the programs still compile themselves.</param>
internal sealed record Effort(int Rounds, TimeSpan Slice, int WarmUp)
{
    public static readonly Effort Full = new(5, TimeSpan.FromSeconds(1), 20);
    public static readonly Effort Quick = new(3, TimeSpan.FromSeconds(0.5), 20);
}

/// <summary>Runs a phase on a stage of its own. The contenders take turns in every round, in changing order, so that whatever slows the machine slows them all.</summary>
internal static class PhaseRun
{
    public const string Put = "PUT";
    public const string Get = "GET";

    /// <summary>Azurite has all that a phase writes in memory, overwritten or not: so with five contenders it is less than 5 GiB.</summary>
    private const long MaxSliceBytes = 128 << 20;

    /// <summary>Small objects are many requests, which is what gets a program compiled.</summary>
    private const int WarmUpSize = 64 * 1024;

    /// <summary>A program that spends less of the time on it counts as compiled: what is compiled later is seldom run.</summary>
    private const double CompiledBelow = 0.005;

    public static async Task<PhaseResults> RunAsync(Phase phase, Effort effort, IReadOnlyList<string> modes, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.StartAsync(modes, onDisk: false, cancellationToken);
        await Contenders.CreateBucketAsync(stage, cancellationToken);
        await WarmUpAsync(stage, phase, effort, cancellationToken);

        var body = RandomNumberGenerator.GetBytes(phase.Size);
        var contenders = Contenders.Of(stage, phase.Workers, body).ToList();
        foreach (var contender in contenders) await contender.VerifyAsync(body, cancellationToken);

        var results = new PhaseResults(phase, [.. contenders.Select(contender => contender.Name)]);
        var maxRequests = (int)Math.Min(int.MaxValue, MaxSliceBytes / phase.Size);
        // Round 0 is for the caches, and is not counted.
        for (var round = 0; round <= effort.Rounds; round++)
        {
            foreach (var verb in new[] { Put, Get })
            {
                for (var turn = 0; turn < contenders.Count; turn++)
                {
                    var contender = contenders[(turn + round) % contenders.Count];
                    var slice = await contender.RunAsync(verb == Put ? contender.Put : contender.Get, effort.Slice, maxRequests, cancellationToken);
                    if (round > 0) results.Add(contender.Name, verb, slice);
                }
            }
        }
        return results;
    }

    private static async Task WarmUpAsync(Stage stage, Phase phase, Effort effort, CancellationToken cancellationToken)
    {
        foreach (var contender in Contenders.Of(stage, phase.Workers, RandomNumberGenerator.GetBytes(Math.Min(phase.Size, WarmUpSize))))
        {
            foreach (var requests in new[] { contender.Put, contender.Get })
            {
                for (var slice = 0; slice < effort.WarmUp; slice++)
                {
                    if ((await contender.RunAsync(requests, effort.Slice, int.MaxValue, cancellationToken)).Compilation < CompiledBelow && slice > 0) break;
                }
            }
        }
    }
}
