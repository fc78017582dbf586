namespace Serverless.Keys;

/// <summary>Something is under a version of the master key whose material is destroyed: it can be read no more.</summary>
public sealed class RetiredVersionException(uint version) : Exception($"It is encrypted under version {version} of the master key, which has been retired.")
{
    /// <summary>The version.</summary>
    public uint Version => version;
}
