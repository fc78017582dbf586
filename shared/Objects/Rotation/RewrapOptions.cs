namespace Serverless.Objects.Rotation;

/// <summary>How fast objects' keys are wrapped anew; section <c>Rotation</c> of the settings.</summary>
public sealed class RewrapOptions
{
    public const string Section = "Rotation";

    /// <summary>At most so many objects are wrapped anew in a second, all in all; 0: as many as there can be.</summary>
    public int RewrapMaxObjectsPerSecond { get; set; }
}
