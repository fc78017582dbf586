using System.Globalization;
using System.Text;
using Serverless.Objects.Api;

namespace Serverless.Storage;

/// <summary>
/// The one mapping of S3 keys to blob names. It is reversible; it keeps <c>/</c>; it never produces what a client, a proxy or the store rewrites or refuses
/// (an empty, <c>.</c> or <c>..</c> segment, a segment's trailing dot, a trailing <c>/</c>, <c>\</c>, control characters, U+FFFE, U+FFFF); and it keeps
/// S3's order, that of the keys' UTF-8 bytes, whether the store compares names by UTF-8 bytes or by UTF-16 code units.
/// </summary>
/// <remarks>
/// <para>Every escape begins with a lead, a character next in order to those that it replaces, then a space, then what tells the escaped apart.
/// A lead that stands for itself is bare, but followed by <c>!</c> where the next character's encoding begins with a space or <c>!</c>, or the key ends:
/// so what begins with lead and space sorts before all that begins with the lead itself.</para>
/// <code>
/// lead            escapes                                              written
/// ' '             U+0000 … U+001F                                      "  " and two hexadecimal digits
///                 the end, behind a segment that is empty or a dot     "  !"
/// '0' *           '/', behind a segment that is empty or a dot         "0 /"
/// ']'             '\'                                                  "] "
/// U+00A0          U+007F … U+009F                                      U+00A0, " " and two hexadecimal digits
/// U+D7FF          U+D7FF, U+E000 … U+FFFD                              U+D7FF and the character
///                 U+FFFD … U+FFFF                                      U+D7FF, U+FFFD and 'a', 'b' or 'c'
/// * only where the segment so far is empty or ends with a dot, the only places where "0 /" can stand
/// </code>
/// <para>U+D7FF sorts below the surrogates, so that what is behind it sorts below the supplementary characters in UTF-16 too, as it does in UTF-8.</para>
/// </remarks>
public static class BlobName
{
    /// <summary>Azure's limits (https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata).</summary>
    public const int MaxLength = 1024;

    /// <summary>Ends the name of a key that a name cannot end like.</summary>
    public const string End = "  !";

    private const int MaxSegments = 254;

    private const char EndLead = ' ';
    private const char SlashLead = '0';
    private const char BackslashLead = ']';
    private const char C1Lead = '\u00A0';
    private const char HighLead = '\uD7FF';
    private const char Replacement = '\uFFFD';

    /// <summary>The blob's name.</summary>
    /// <exception cref="S3Exception">KeyTooLongError: the name would be longer than the store takes.</exception>
    public static string FromKey(string key) => TryFromKey(key) ?? throw new S3Exception(S3Errors.KeyTooLong(Encoding.UTF8.GetByteCount(key), MaxLength));

    /// <summary>The blob's name; null where it would be longer than the store takes.</summary>
    public static string? TryFromKey(string key)
    {
        var name = Encode(key, complete: true);
        return name.Length <= MaxLength && name.AsSpan().Count('/') < MaxSegments ? name : null;
    }

    /// <summary>
    /// The longest prefix that the names of all keys with this prefix share. Others may share it too: whoever lists by it filters by the keys.
    /// </summary>
    public static string FromKeyPrefix(string prefix) => Encode(prefix, complete: false);

    /// <summary>
    /// Where the names of this key and of all behind it, in S3's order, begin in the store's. Some names before the key's may be behind this too where the key is one that no name can have,
    /// being too long: whoever lists from here filters by the keys.
    /// </summary>
    public static string LowerBound(string key)
    {
        var name = Encode(key, complete: true);
        if (name.Length <= MaxLength) return name;
        return name[..(char.IsHighSurrogate(name[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
    }

    /// <summary>The key whose name this is; null where <see cref="FromKey"/> makes no such name.</summary>
    public static string? ToKey(string name) => Decode(name) is { } key && Encode(key, complete: true) == name ? key : null;

    /// <summary>The prefix, which ends with a slash, that the keys of all names with this one have in common; null where no key's name begins like this.</summary>
    public static string? ToKeyPrefix(string name) => Decode(name) is { } prefix && Encode(prefix, complete: false) == name ? prefix : null;

    /// <summary>Reads a name that <see cref="Encode"/> wrote; of any other it gives null or what is not encoded so.</summary>
    private static string? Decode(string name)
    {
        var key = new StringBuilder(name.Length);
        var unfinished = true;
        for (var i = 0; i < name.Length; i++)
        {
            var (c, next, third) = (name[i], At(i + 1), At(i + 2));
            if (c == HighLead)
            {
                i++;
                if (next == Replacement) (i, next) = (i + 1, (char)(Replacement + (third - 'a')));
                key.Append(next);
                unfinished = false;
            }
            else if (IsLead(c, unfinished) && next == ' ')
            {
                i++;
                switch (c)
                {
                    case EndLead when third == '!':
                        i++;
                        break;
                    case EndLead or C1Lead:
                        if (!byte.TryParse([third, At(i + 2)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped)) return null;
                        key.Append((char)escaped);
                        i += 2;
                        break;
                    case BackslashLead:
                        key.Append('\\');
                        break;
                }
                // Behind "0 " comes the slash itself, which ends the segment; everything else goes on in it.
                unfinished = c == SlashLead && unfinished;
            }
            else
            {
                key.Append(c);
                if (IsLead(c, unfinished) && next == '!') i++;
                unfinished = c is '/' or '.';
            }
        }
        return key.ToString();

        char At(int index) => index < name.Length ? name[index] : '\0';
    }

    private static string Encode(string key, bool complete)
    {
        var name = new StringBuilder(key.Length + 8);
        // Whether the segment may not end here: it is empty, or ends with a dot.
        var unfinished = true;
        for (var i = 0; i < key.Length; i++)
        {
            var c = key[i];
            switch (c)
            {
                case < ' ':
                    name.Append(CultureInfo.InvariantCulture, $"{EndLead} {(int)c:x2}");
                    break;
                case '/' when unfinished:
                    name.Append(SlashLead).Append(" /");
                    break;
                case '\\':
                    name.Append(BackslashLead).Append(' ');
                    break;
                case >= '\u007F' and <= '\u009F':
                    name.Append(CultureInfo.InvariantCulture, $"{C1Lead} {(int)c:x2}");
                    break;
                case >= Replacement:
                    name.Append(HighLead).Append(Replacement).Append((char)('a' + (c - Replacement)));
                    break;
                case HighLead or >= '\uE000':
                    name.Append(HighLead).Append(c);
                    break;
                default:
                    name.Append(c);
                    // What follows decides how a lead that stands for itself is written; at a prefix's end that is not known.
                    if (IsLead(c, unfinished) && (i + 1 < key.Length ? key[i + 1] <= '!' : complete)) name.Append('!');
                    break;
            }
            unfinished = c is '/' or '.';
        }
        if (complete && unfinished) name.Append(End);
        return name.ToString();
    }

    private static bool IsLead(char c, bool unfinished) => c is EndLead or BackslashLead or C1Lead || (c == SlashLead && unfinished);
}
