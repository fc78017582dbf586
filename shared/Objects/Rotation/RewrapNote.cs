using System.Text.Json.Serialization;
using Serverless.Keys;

namespace Serverless.Objects.Rotation;

/// <summary>How many objects need a version of a key: when the pass came to them, and when it left them.</summary>
public sealed record ReferenceCount(long Found, long Left);

/// <summary>A section that a pass is through, and what it found there, by <see cref="KeyVersionName"/>s as text.</summary>
public sealed record FinishedSection(RewrapSection Section, Dictionary<string, ReferenceCount> Counts);

/// <summary>
/// All that is durable of a pass while it goes on: where it is, and what it has counted up to there. What the page that it is at refers to is noted before anything of it is changed, so that whoever
/// goes on after a crash, and finds a part of the page changed, counts what was there before.
/// </summary>
public sealed class RewrapNote
{
    private readonly Dictionary<string, string> expected = new(StringComparer.Ordinal);

    public required Guid PassId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the pass was last noted.</summary>
    public required DateTimeOffset ProgressAt { get; set; }

    /// <summary>How long runs of this pass have lasted together.</summary>
    public TimeSpan Active { get; set; }

    public RewrapPosition Position { get; set; } = RewrapPosition.First;

    public RewrapSection? Section { get; set; }

    /// <summary>What was found in the section up to the position, by <see cref="KeyVersionName"/>s as text.</summary>
    public Dictionary<string, ReferenceCount> Counts { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The section before, which is to be filed before the next note is written.</summary>
    public FinishedSection? Finished { get; set; }

    public long Seen { get; set; }

    public long Rewrapped { get; set; }

    public long CustomerKeys { get; set; }

    public long Failed { get; set; }

    public long Unreadable { get; set; }

    public bool IsComplete { get; set; }

    /// <summary>The latest pass that is complete: this one once it is.</summary>
    public RewrapResult? Latest { get; set; }

    /// <summary>The pass that was the latest before; what is kept of it is dropped before the next one begins.</summary>
    public Guid? Outdated { get; set; }

    /// <summary>The store's tag of the note as it was read or written.</summary>
    [JsonIgnore]
    public string? ETag { get; set; }

    /// <summary>What the position's page refers to, before anything of it is changed: the names of its entries, by what they refer to.</summary>
    public Dictionary<string, List<string>> Expected
    {
        get => expected.GroupBy(entry => entry.Value, entry => entry.Key).ToDictionary(group => group.Key, group => group.ToList());
        init
        {
            foreach (var (references, names) in value)
                foreach (var name in names) expected[name] = references;
        }
    }

    /// <summary>Begins a pass after the one of this note.</summary>
    public static RewrapNote Begin(RewrapNote? before, DateTimeOffset now) =>
        new() { PassId = Guid.NewGuid(), StartedAt = now, ProgressAt = now, Latest = before?.Latest, ETag = before?.ETag };

    /// <summary>Enters a section, if it is not in it. What was expected in the one before and did not come again is gone since; it was there.</summary>
    public void Enter(RewrapSection? next)
    {
        if (next == Section) return;
        foreach (var references in expected.Values)
        {
            Seen++;
            CountFound(references);
        }
        expected.Clear();
        Finished = Section is { } section && Counts.Count > 0 ? new(section, Counts) : null;
        (Section, Counts) = (next, new(StringComparer.Ordinal));
    }

    /// <summary>Says what there is, before it is changed; false for what was said before.</summary>
    public bool Expect(string name, string references) => expected.TryAdd(name, references);

    /// <summary>Counts an entry when the pass is through with it.</summary>
    /// <param name="name">The entry's name, which was expected.</param>
    /// <param name="listed">What it refers to as it was listed now.</param>
    /// <param name="outcome">What became of it.</param>
    public void Settle(string name, string listed, RewrapOutcome outcome)
    {
        expected.Remove(name, out var found);
        found ??= listed;
        Seen++;
        CountFound(found);
        foreach (var reference in ObjectReferences.Split(outcome.Left)) Counts[reference] = CountOf(reference) with { Left = CountOf(reference).Left + 1 };
        // A run that was cut short may have wrapped it anew.
        if (outcome.IsRewrapped || found != listed) Rewrapped++;
        if (outcome.IsCustomerKey) CustomerKeys++;
        if (outcome.IsFailed) Failed++;
    }

    /// <summary>Everything is filed: from now on this is the latest pass.</summary>
    public void Complete(DateTimeOffset now)
    {
        Outdated = Latest?.Id;
        Latest = new(PassId, StartedAt, now, Seen, Rewrapped, CustomerKeys, Failed, Unreadable);
        (Finished, IsComplete) = (null, true);
    }

    private void CountFound(string references)
    {
        if (ObjectReferences.AreUnreadable(references)) Unreadable++;
        foreach (var reference in ObjectReferences.Split(references)) Counts[reference] = CountOf(reference) with { Found = CountOf(reference).Found + 1 };
    }

    private ReferenceCount CountOf(string reference) => Counts.GetValueOrDefault(reference) ?? new(0, 0);
}

/// <summary>What became of an entry of a page.</summary>
/// <param name="Left">What it refers to now (<see cref="ObjectReferences"/>); nothing where it is gone.</param>
/// <param name="IsRewrapped">Whether its keys were wrapped anew.</param>
/// <param name="IsCustomerKey">Whether it is an SSE-C object, which only its owner could re-wrap.</param>
/// <param name="IsFailed">Whether its keys could not be opened; the log names it.</param>
public sealed record RewrapOutcome(string Left, bool IsRewrapped = false, bool IsCustomerKey = false, bool IsFailed = false);
