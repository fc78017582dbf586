using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Serverless.Objects.Buckets;

/// <summary>S3's rules for general purpose buckets' names (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).</summary>
public static class BucketName
{
    private const int MinLength = 3;
    private const int MaxLength = 63;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private static readonly string[] ReservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    /// <summary>The Functions host keeps paths under these names for itself, so that a bucket of that name could not be reached.</summary>
    private static readonly string[] HostPaths = ["admin", "runtime"];

    public static bool IsValid(string name) =>
        name.Length is >= MinLength and <= MaxLength
        && !name.AsSpan().ContainsAnyExcept(Allowed)
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
        && !name.Contains("..", StringComparison.Ordinal)
        && !IsIPv4Address(name)
        && !ReservedPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        && !ReservedSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal))
        && !HostPaths.Contains(name);

    /// <summary>Whether there are names that begin so, as far as the characters go.</summary>
    public static bool MayBegin(string prefix) => !prefix.AsSpan().ContainsAnyExcept(Allowed);

    private static bool IsIPv4Address(string name) =>
        name.Count('.') == 3 && IPAddress.TryParse(name, out var address) && address.AddressFamily == AddressFamily.InterNetwork;
}
