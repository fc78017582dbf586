using System.Diagnostics.CodeAnalysis;

namespace Serverless.Keys;

/// <summary>The identifier of a key in a vault or a managed HSM, <c>https://HOST/keys/NAME</c> or <c>https://HOST/keys/NAME/VERSION</c> (https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates).</summary>
/// <param name="Vault">The vault's address, without a path.</param>
/// <param name="Name">The key's name: 1 to 127 letters, digits and hyphens.</param>
/// <param name="Version">The version, or null for the newest.</param>
internal sealed record VaultKeyId(Uri Vault, string Name, string? Version)
{
    private const int MaxNameLength = 127;

    // Vaults' are 32 characters.
    private const int MaxVersionLength = 64;

    /// <summary>The key without a version.</summary>
    public Uri Key => new(Vault, $"/keys/{Name}");

    /// <summary>Whose tokens the vault takes: <c>https://vault.azure.net/.default</c> for <c>https://NAME.vault.azure.net</c>, and so for managed HSMs and other clouds.</summary>
    public string Scope => $"https://{Vault.Host[(Vault.Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}/.default";

    /// <summary>Whether a text can be a version: what is stored with a wrapped key becomes a part of an address.</summary>
    public static bool IsVersion(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }
        }

        return text.Length is >= 1 and <= MaxVersionLength;
    }

    /// <summary>False for a text that identifies no key, or not over https.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out VaultKeyId? id)
    {
        id = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttps || uri.Query.Length > 0 || !uri.Host.Contains('.', StringComparison.Ordinal))
        {
            return false;
        }

        string[] path = uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path is not ["keys", var name, .. var rest] || rest.Length > 1 || name.Length > MaxNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            || (rest is [var version] && !IsVersion(version)))
        {
            return false;
        }

        id = new VaultKeyId(new Uri(uri.GetLeftPart(UriPartial.Authority)), name, rest.FirstOrDefault());
        return true;
    }
}
