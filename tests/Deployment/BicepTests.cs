namespace Serverless.Deployment.Tests;

/// <summary>The sources compile, and the linter has nothing to say.</summary>
public sealed class BicepTests
{
    /// <summary>What the parameter files take from the environment; obviously no real values.</summary>
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["SERVICE_ACCOUNT_ID"] = "000000000000",
        ["ROOT_ACCESS_KEY_ID"] = "AKIAEXAMPLEEXAMPLE00",
        ["ROOT_SECRET_ACCESS_KEY"] = "example-secret-do-not-use-in-production",
        ["ALERT_EMAIL"] = "somebody@example.test",
    };

    public static TheoryData<string> Sources => [.. Files("*.bicep")];

    public static TheoryData<string> ParameterFiles => [.. Files("*.bicepparam")];

    [SkippableTheory]
    [MemberData(nameof(Sources))]
    public async Task A_source_is_clean(string file)
    {
        Skip.IfNot(BicepCompiler.IsHere, "The Bicep compiler is a program for Linux on x64.");
        var (exitCode, _, diagnostics) = await BicepCompiler.RunAsync(Environment, "lint", file);

        Assert.Equal("", diagnostics.Trim());
        Assert.Equal(0, exitCode);
    }

    [SkippableTheory]
    [MemberData(nameof(Sources))]
    public async Task A_source_is_formatted(string file)
    {
        Skip.IfNot(BicepCompiler.IsHere, "The Bicep compiler is a program for Linux on x64.");
        var (exitCode, formatted, diagnostics) = await BicepCompiler.RunAsync(Environment, "format", file, "--stdout");

        Assert.True(exitCode == 0, diagnostics);
        Assert.Equal((await File.ReadAllTextAsync(ProjectFiles.Path("infra", file))).TrimEnd(), formatted.ReplaceLineEndings("\n").TrimEnd());
    }

    [SkippableTheory]
    [MemberData(nameof(ParameterFiles))]
    public async Task A_parameter_file_fits_the_template(string file)
    {
        Skip.IfNot(BicepCompiler.IsHere, "The Bicep compiler is a program for Linux on x64.");
        var (exitCode, _, diagnostics) = await BicepCompiler.RunAsync(Environment, "build-params", file, "--stdout");

        Assert.Equal("", diagnostics.Trim());
        Assert.Equal(0, exitCode);
    }

    private static IEnumerable<string> Files(string pattern)
    {
        var infra = ProjectFiles.Path("infra");
        return Directory.EnumerateFiles(infra, pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(infra, path)).Where(path => !path.Contains("node_modules", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
    }
}
