namespace Serverless.Keys;

/// <summary>Where the root key is kept; section <c>RootKey</c> of the settings.</summary>
public sealed class RootKeyOptions
{
    /// <summary>The provider for a key in a file.</summary>
    public const string Local = "Local";

    /// <summary>The provider, which today can only be <see cref="Local"/>.</summary>
    public string Provider { get; set; } = Local;

    /// <summary>For <see cref="Local"/>: the path of a file that holds the key's 32 bytes in base64 and that nobody but its owner may read.</summary>
    public string? File { get; set; }
}
