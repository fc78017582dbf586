using System.Text.RegularExpressions;

namespace Serverless.Keys;

/// <summary>What a caller names a key by, taken apart: a key id or an alias name, in one Region and account. Whether it exists is another question.</summary>
internal readonly partial record struct KeyReference
{
    /// <summary>The longest alias name, prefix included, in characters.</summary>
    public const int MaxAliasLength = 256;

    private const string ArnPrefix = "arn:";

    private KeyReference(string? keyId, string? alias)
    {
        KeyId = keyId;
        Alias = alias;
    }

    /// <summary>A key id: a UUID (or a multi-Region key's id, which no key here has), or null.</summary>
    public string? KeyId { get; }

    /// <summary>An alias name, <c>alias/…</c>, or null.</summary>
    public string? Alias { get; }

    /// <summary>Reads a key id, key ARN, alias name or alias ARN.</summary>
    /// <exception cref="KmsException">It is none of these, or an ARN of another Region or account.</exception>
    public static KeyReference Parse(string text, string region, string accountId)
    {
        string name = text.StartsWith(ArnPrefix, StringComparison.Ordinal) ? ResourceOf(text, region, accountId) : text;
        if (name.StartsWith(KmsAlias.Prefix, StringComparison.Ordinal))
        {
            return IsAliasName(name) ? new(null, name) : throw new KmsException(KmsErrors.AliasNotFound(KmsAlias.ArnOf(region, accountId, name)));
        }

        return IsKeyId(name) ? new(name, null) : throw new KmsException(KmsErrors.InvalidKeyId(text));
    }

    /// <summary>The same as an answer: false for what is no name of a key of this Region and account.</summary>
    public static bool TryParse(string text, string region, string accountId, out KeyReference reference)
    {
        try
        {
            reference = Parse(text, region, accountId);
            return true;
        }
        catch (KmsException)
        {
            reference = default;
            return false;
        }
    }

    /// <summary>Whether a text has the form of a key id.</summary>
    public static bool IsKeyId(ReadOnlySpan<char> text) => KeyIdPattern().IsMatch(text);

    /// <summary>Whether a name, prefix included, has only the characters that an alias may have.</summary>
    public static bool IsAliasName(string name) => name.Length <= MaxAliasLength && AliasPattern().IsMatch(name);

    private static string ResourceOf(string arn, string region, string accountId)
    {
        string[] parts = arn.Split(':', 6);
        if (parts is not ["arn", "aws", "kms", _, _, var resource])
        {
            throw new KmsException(KmsErrors.InvalidKeyId(arn));
        }

        if (parts[3] != region)
        {
            throw new KmsException(KmsErrors.InvalidRegion(parts[3]));
        }

        bool isAlias = resource.StartsWith(KmsAlias.Prefix, StringComparison.Ordinal);
        if (parts[4] != accountId)
        {
            throw new KmsException(isAlias ? KmsErrors.AliasNotFound(arn) : KmsErrors.KeyNotFound(arn));
        }

        if (isAlias)
        {
            return resource;
        }

        const string keyPrefix = "key/";
        return resource.StartsWith(keyPrefix, StringComparison.Ordinal) && IsKeyId(resource.AsSpan(keyPrefix.Length))
            ? resource[keyPrefix.Length..]
            : throw new KmsException(KmsErrors.InvalidKeyId(arn));
    }

    [GeneratedRegex("^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-f]{32})\\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyIdPattern();

    [GeneratedRegex("^alias/[a-zA-Z0-9/_-]+\\z", RegexOptions.CultureInvariant)]
    private static partial Regex AliasPattern();
}
