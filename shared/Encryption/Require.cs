using System.Runtime.CompilerServices;

namespace Serverless.Encryption;

/// <summary>The one place that refuses misuse of sizes, so that the wording is uniform. No message ever shows content.</summary>
internal static class Require
{
    public static void Length(ReadOnlySpan<byte> value, int length, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value.Length != length)
        {
            throw new ArgumentException($"The size must be {length} bytes, not {value.Length}.", name);
        }
    }

    public static void LengthBetween(ReadOnlySpan<byte> value, int least, int most, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value.Length < least || value.Length > most)
        {
            throw new ArgumentException($"The size must be {least} to {most} bytes, not {value.Length}.", name);
        }
    }
}
