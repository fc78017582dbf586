using System.Globalization;
using Serverless.Access;

namespace Serverless.Objects.Api;

/// <summary>A count among a request's parameters, such as <c>max-keys</c>, as S3 reads it.</summary>
public static class CountParameter
{
    /// <summary>The parameter's value, in any range; <paramref name="absent"/> where it is left out or empty.</summary>
    /// <exception cref="S3Exception">InvalidArgument: it is no number of 32 bits.</exception>
    public static int Read(QueryParameters query, string name, int absent) => Read(query.Find(name) ?? "", name, absent);

    /// <summary>The same of a header's value.</summary>
    /// <exception cref="S3Exception">As above.</exception>
    public static int Read(string text, string name, int absent)
    {
        if (text.Length == 0) return absent;
        return text[0] != '+' && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
            ? count : throw new S3Exception(S3Errors.InvalidArgument($"Provided {name} not an integer or within integer range", name, text));
    }

    /// <param name="count">The value.</param>
    /// <param name="name">What S3 calls the argument in the error, which is not always the parameter's name.</param>
    /// <param name="least">The least value that is taken.</param>
    /// <param name="most">The greatest.</param>
    /// <exception cref="S3Exception">InvalidArgument: it is out of range.</exception>
    public static void Require(int count, string name, int least, int most)
    {
        if (count < least || count > most)
        {
            throw new S3Exception(S3Errors.InvalidArgument(
                string.Create(CultureInfo.InvariantCulture, $"Argument {name} must be an integer between {least} and {most}"), name, count.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
