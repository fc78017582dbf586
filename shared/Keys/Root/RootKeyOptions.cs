using Microsoft.Extensions.Options;

namespace Serverless.Keys;

/// <summary>Where the root key is kept; section <c>RootKey</c> of the settings.</summary>
public sealed class RootKeyOptions
{
    /// <summary>Whether the key is in a file or in a vault.</summary>
    public RootKeyProvider Provider { get; set; } = RootKeyProvider.Local;

    /// <summary>For <see cref="RootKeyProvider.Local"/>: the path of a file that holds the key's 32 bytes in base64 and that nobody but its owner may read.</summary>
    public string? File { get; set; }

    /// <summary>For <see cref="RootKeyProvider.KeyVault"/>: the key's identifier, <c>https://HOST/keys/NAME</c>; with a version behind it, that one wraps instead of the newest.</summary>
    public string? KeyUri { get; set; }

    /// <summary>For <see cref="RootKeyProvider.KeyVault"/>: the key's type.</summary>
    public RootKeyAlgorithm Algorithm { get; set; } = RootKeyAlgorithm.Rsa;

    /// <summary>For <see cref="RootKeyProvider.KeyVault"/>: the client id of the managed identity to be; without one, whoever the environment says.</summary>
    public string? ClientId { get; set; }

    /// <summary>Refuses to start with settings that could not be meant.</summary>
    internal sealed class Validator : IValidateOptions<RootKeyOptions>
    {
        public ValidateOptionsResult Validate(string? name, RootKeyOptions options) =>
            !Enum.IsDefined(options.Provider) ? ValidateOptionsResult.Fail("RootKey__Provider must be Local or KeyVault.")
            : !Enum.IsDefined(options.Algorithm) ? ValidateOptionsResult.Fail("RootKey__Algorithm must be Rsa or Aes.")
            : options.Provider is RootKeyProvider.KeyVault && !VaultKeyId.TryParse(options.KeyUri, out _)
                ? ValidateOptionsResult.Fail("RootKey__KeyUri must identify a key in a vault, as in https://NAME.vault.azure.net/keys/root-key.")
            : ValidateOptionsResult.Success;
    }
}

/// <summary>Who keeps the root key.</summary>
public enum RootKeyProvider
{
    /// <summary>A file that its owner alone can read.</summary>
    Local,

    /// <summary>Azure Key Vault, or a managed HSM.</summary>
    KeyVault,
}

/// <summary>What kind of key the root key in a vault is.</summary>
public enum RootKeyAlgorithm
{
    /// <summary>RSA or RSA-HSM: wraps with RSA-OAEP-256, signs with PS256.</summary>
    Rsa,

    /// <summary>oct-HSM, which managed HSMs have: wraps with A256KW.</summary>
    Aes,
}
