using System.Text.RegularExpressions;

namespace Serverless.Deployment.Tests;

/// <summary>Alerts and the workbook watch metrics by their names: a name that the code does not have would never be heard of.</summary>
public sealed partial class MetricNameTests
{
    [Theory]
    [InlineData("alerts.bicep")]
    [InlineData("workbook.json")]
    public void What_is_watched_is_measured(string file)
    {
        var watched = Names(File.ReadAllText(ProjectFiles.Path("infra", "modules", file)));
        var measured = Directory.EnumerateFiles(ProjectFiles.Path("shared"), "*.cs", SearchOption.AllDirectories).SelectMany(source => Names(File.ReadAllText(source))).ToHashSet();

        Assert.NotEmpty(watched);
        Assert.Empty(watched.Except(measured));
    }

    private static HashSet<string> Names(string text) => [.. Name().Matches(text).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("""\\?"(sse\.[a-z_.]+)\\?["]""")]
    private static partial Regex Name();
}
