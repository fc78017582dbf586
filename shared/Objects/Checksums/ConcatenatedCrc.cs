namespace Serverless.Objects.Checksums;

// The CRC of pieces one behind the other, from the pieces' CRCs
//
// A CRC is a polynomial over GF(2) modulo the algorithm's own, P. Appending n bytes to a message multiplies its polynomial by x^(8n); the initial and final inversions of
// these CRCs cancel out, so that
//
//   crc(a || b) = crc(a) * x^(8 |b|) mod P  +  crc(b),   and crc of nothing is 0.
//
// The CRCs are reflected: the coefficient of x^0 is the highest bit.

/// <summary>Makes the CRC of a whole from the CRCs of its parts, without their data.</summary>
internal sealed class ConcatenatedCrc
{
    private readonly int _width;
    private readonly ulong _polynomial;
    private (long Length, ulong Factor) _last;

    /// <param name="width">In bits: 32 or 64.</param>
    /// <param name="polynomial">The algorithm's polynomial, reflected, without its highest term.</param>
    public ConcatenatedCrc(int width, ulong polynomial) => (_width, _polynomial, _last) = (width, polynomial, (0, One(width)));

    /// <summary>The CRC of what was appended so far.</summary>
    public ulong Value { get; private set; }

    public void Append(ulong crc, long length)
    {
        // Most parts of an upload are of one length.
        if (length != _last.Length) _last = (length, PowerOfByte(length));
        Value = Multiply(Value, _last.Factor) ^ crc;
    }

    /// <summary>x^(8n) modulo the polynomial.</summary>
    private ulong PowerOfByte(long n)
    {
        var result = One(_width);
        for (var power = One(_width) >> 8; n > 0; n >>= 1, power = Multiply(power, power))
        {
            if ((n & 1) != 0) result = Multiply(result, power);
        }
        return result;
    }

    private ulong Multiply(ulong a, ulong b)
    {
        var product = 0UL;
        for (var bit = One(_width); bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0) product ^= b;
            b = (b & 1) != 0 ? (b >> 1) ^ _polynomial : b >> 1;
        }
        return product;
    }

    private static ulong One(int width) => 1UL << (width - 1);
}
