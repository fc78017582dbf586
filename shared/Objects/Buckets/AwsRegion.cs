using System.Text.RegularExpressions;

namespace Serverless.Objects.Buckets;

/// <summary>A Region's name, such as <c>eu-central-1</c>. Any that is well formed may be used: a deployment stands for whichever it names.</summary>
public static partial class AwsRegion
{
    public static bool IsWellFormed(string name) => Pattern().IsMatch(name);

    [GeneratedRegex("^[a-z]{2,3}(-[a-z]+){1,3}-[0-9]{1,2}\\z")]
    private static partial Regex Pattern();
}
