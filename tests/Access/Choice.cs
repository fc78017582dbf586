using CsCheck;

namespace Serverless.Access.Tests;

/// <summary>Generates one of a few values, each as often.</summary>
internal static class Choice
{
    public static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
