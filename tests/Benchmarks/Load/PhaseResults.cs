namespace Serverless.Benchmarks.Load;

/// <summary>What the rounds of a phase measured, by contender and verb.</summary>
internal sealed class PhaseResults(Phase phase, IReadOnlyList<string> contenders)
{
    private readonly Dictionary<(string Contender, string Verb), List<Slice>> _slices = [];

    public Phase Phase => phase;

    public IReadOnlyList<string> Contenders => contenders;

    public void Add(string contender, string verb, Slice slice)
    {
        if (!_slices.TryGetValue((contender, verb), out var slices)) _slices.Add((contender, verb), slices = []);
        slices.Add(slice);
    }

    /// <summary>One slice for each round, in their order.</summary>
    public IReadOnlyList<Slice> Of(string contender, string verb) => _slices[(contender, verb)];
}
