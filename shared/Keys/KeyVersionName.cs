using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>Which version of which key wrapped something, as the wrap's header says it; nothing of it is authenticated.</summary>
/// <param name="Key"><see cref="Master"/>, or a KMS key as <c>REGION/ID</c>.</param>
/// <param name="Version">The key's version, from 1.</param>
public readonly record struct KeyVersionName(string Key, uint Version)
{
    /// <summary>The master key.</summary>
    public const string Master = MasterKeyring.WrapKeyId;

    /// <summary>A KMS key's name.</summary>
    public static string OfKms(string region, string id) => KmsBackingKeys.WrapKeyId(region, id);

    /// <summary>The name of the key that somebody means by <see cref="Master"/>, or by a KMS key's id or ARN; null for anything else. Whether there is such a key is another question.</summary>
    /// <param name="text">What was said.</param>
    /// <param name="region">The Region of a key that is named by its id.</param>
    /// <param name="accountId">The account that an ARN must be of.</param>
    public static string? Of(string text, string region, string accountId) =>
        text == Master ? Master
        : KeyReference.IsKeyId(text) ? OfKms(region, text)
        : text.Split(':', 6) is ["arn", "aws", "kms", { } itsRegion, _, _] && KeyReference.TryParse(text, itsRegion, accountId, out KeyReference named)
            && named.KeyId is { } id && IsKey(OfKms(itsRegion, id)) ? OfKms(itsRegion, id)
        : null;

    /// <summary>Reads what wrapped a key. False for what is no wrap, or by no key of this service.</summary>
    public static bool TryRead(ReadOnlySpan<byte> wrapped, out KeyVersionName name)
    {
        name = KeyWrap.TryReadHeader(wrapped, out WrapHeader header) ? new(header.KeyId, header.KeyVersion) : default;
        return name.Key is not null && IsKey(name.Key);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out KeyVersionName? name)
    {
        int colon = text.LastIndexOf(':');
        name = colon > 0 && uint.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint version) && IsKey(text[..colon])
            ? new(text[..colon], version)
            : null;
        return name is not null;
    }

    /// <summary><c>KEY:VERSION</c>; there is no space in it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Key}:{Version}");

    // Regions are written in lower-case letters, digits and hyphens.
    private static bool IsKey(string key) =>
        key == Master || (KmsBackingKeys.TryParseWrapKeyId(key, out string region, out _) && region.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'));
}
