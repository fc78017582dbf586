using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Serverless.Access;

/// <summary>A range of IPv4 or IPv6 addresses in CIDR notation (RFC 4632); an address alone is a range of one. Bits after the prefix do not count.</summary>
internal sealed class AddressRange : IConditionTest
{
    private const int MaxBytes = 16;

    private readonly byte[] address;

    private AddressRange(IPAddress address, int prefixLength)
    {
        this.address = address.GetAddressBytes();
        Family = address.AddressFamily;
        PrefixLength = prefixLength;
    }

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family { get; }

    /// <summary>How many leading bits are fixed: 0 to 32, or 0 to 128.</summary>
    public int PrefixLength { get; }

    /// <returns>Null where the text is no range.</returns>
    public static AddressRange? TryParse(string text)
    {
        var slash = text.IndexOf('/');
        if (ReadAddress(slash < 0 ? text : text[..slash]) is not { } address)
        {
            return null;
        }
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = bits;
        var isRange = slash < 0 || (int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) && prefix <= bits);
        return isRange ? new(address, prefix) : null;
    }

    public bool Matches(string value, IConditionKeys keys)
    {
        if (ReadAddress(value) is not { } given || given.AddressFamily != Family)
        {
            return false;
        }
        Span<byte> bytes = stackalloc byte[MaxBytes];
        given.TryWriteBytes(bytes, out _);
        var (whole, rest) = (PrefixLength / 8, PrefixLength % 8);
        return bytes[..whole].SequenceEqual(address.AsSpan(0, whole))
            && (rest == 0 || (bytes[whole] ^ address[whole]) >> (8 - rest) == 0);
    }

    // IPAddress also reads "1", "0x7f.1", "[::1]:80" and "fe80::1%eth0", which a policy does not mean.
    private static IPAddress? ReadAddress(string text)
    {
        var isV6 = text.Contains(':');
        if (text.AsSpan().ContainsAny("[]%") || !IPAddress.TryParse(text, out var address))
        {
            return null;
        }
        return isV6 ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            : address.ToString() == text ? address
            : null;
    }
}
