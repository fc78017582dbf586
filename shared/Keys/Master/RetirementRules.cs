namespace Serverless.Keys;

/// <summary>When a version of the master key is proved unreferenced, and when it may go: a pure function of what is known of it.</summary>
internal static class RetirementRules
{
    /// <summary>What comes next for a version that is not the current one, nor behind it; itself when nothing does. Each step rests on all that is known now, whatever was concluded before.</summary>
    /// <param name="version">The version.</param>
    /// <param name="successor">The one behind it, which has been current.</param>
    /// <param name="references">What the latest complete pass has found of the master key; null before the first.</param>
    /// <param name="retireAfterDays">How long it is kept after the proof; null: for ever.</param>
    /// <param name="now">The time.</param>
    public static MasterKeyVersion Next(MasterKeyVersion version, MasterKeyVersion successor, KeyReferences? references, int? retireAfterDays, DateTimeOffset now)
    {
        if (version.IsRetired)
        {
            return version;
        }

        // Whoever notes this has seen the pointer behind it: a crash before only makes it later, and so does a clock that is behind the one of the rotation.
        if (version.SupersededAt is not { } superseded)
        {
            return version with { SupersededAt = Later(now, successor.CreatedAt) };
        }

        if (references is null)
        {
            return version;
        }

        long found = references.FoundOf(version.Version);
        if (found > 0)
        {
            return version.LastFoundAt >= references.Pass.CompletedAt && version.Proof is null
                ? version
                : version with { LastFoundAt = Later(references.Pass.CompletedAt, version.LastFoundAt), Proof = null, RetiringAt = null };
        }

        if (!references.Proves(found, Later(superseded, version.LastFoundAt), now))
        {
            return version;
        }

        if (version.Proof is not { } proof)
        {
            return version with { Proof = new(references.Pass.Id, references.Pass.StartedAt, references.Pass.CompletedAt, references.Pass.Objects) };
        }

        // A later pass must say the same: what a clock that jumped has proved, time has had the chance to refute.
        if (retireAfterDays is not { } days || references.Pass.Id == proof.PassId || now < proof.CompletedAt.AddDays(days))
        {
            return version;
        }

        return version.RetiringAt is { } retiring ? version with { Wrapped = [], RetiredAt = retiring } : version with { RetiringAt = now };
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;
}
