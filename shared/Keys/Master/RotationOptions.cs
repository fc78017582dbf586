namespace Serverless.Keys;

/// <summary>When a master key version has served long enough; section <c>Rotation</c> of the settings.</summary>
public sealed class RotationOptions
{
    /// <summary>A hundred years.</summary>
    public const int MaxRetireAfterDays = 36_500;

    /// <summary>A version's age, in days, at which it is replaced.</summary>
    public int MasterKeyMaxAgeDays { get; set; } = 90;

    /// <summary>The number of data keys after which a version is replaced. A quarter of the 2³² that AES-GCM's limits would allow under one key used directly.</summary>
    public long MasterKeyMaxWraps { get; set; } = 1L << 30;

    /// <summary>How long a version's material is kept after it was proved that nothing needs it, in days; 0: until the next pass says the same; null: for ever.</summary>
    public int? RetireAfterDays { get; set; }

    /// <summary>Whether a version is to be replaced: a pure function of its age and use. A clock that runs behind the version's makes it young, not due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="since">From when its age is counted.</param>
    /// <param name="wraps">How many wraps are accounted to it.</param>
    public bool IsDue(DateTimeOffset now, DateTimeOffset since, long wraps) =>
        now - since >= TimeSpan.FromDays(MasterKeyMaxAgeDays) || wraps >= MasterKeyMaxWraps;
}
