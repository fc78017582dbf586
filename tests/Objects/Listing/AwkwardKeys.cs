using CsCheck;

namespace Serverless.Objects.Tests;

/// <summary>Keys, prefixes and delimiters that are likely to go wrong: of few characters, so that they share beginnings, and of the borders of UTF-8's and UTF-16's orders.</summary>
internal static class AwkwardKeys
{
    private static readonly string[] Characters =
        ["a", "b", "/", "/", "-", ".", " ", "0", "\u0000", "\u0001", "\r", "%", "é", "\uD7FF", "\uE000", "\uFFFF", "😀", "😁", "\U0010FFFF"];

    public static Gen<string> Texts(int min, int max) => Gen.Int[0, Characters.Length - 1].Select(i => Characters[i]).Array[min, max].Select(string.Concat);
}
