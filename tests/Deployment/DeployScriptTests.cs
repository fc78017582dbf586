using System.Diagnostics;

namespace Serverless.Deployment.Tests;

/// <summary><c>infra/deploy.sh</c> with programs in the place of the real ones that note how they are called.</summary>
public sealed class DeployScriptTests : IDisposable
{
    private const string Secret = "example-secret-do-not-use-in-production";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("serverless-deploy-");

    private string Log => Path.Combine(_folder.FullName, "calls");

    public void Dispose() => _folder.Delete(recursive: true);

    [SkippableFact]
    public async Task It_makes_the_group_deploys_publishes_and_tries_what_it_has_deployed()
    {
        var (exitCode, output, errors) = await RunAsync("--resource-group", "group", "--parameters", ProjectFiles.Path("infra", "dev.bicepparam"));

        Assert.True(exitCode == 0, errors);
        var calls = await File.ReadAllLinesAsync(Log);
        Assert.Equal(
            ["az group create", "az deployment group", "az deployment group", "az deployment group", "dotnet publish functions", "zip", "az functionapp deployment", "aws"],
            calls.Select(call => string.Join(' ', call.Split(' ').Take(call.StartsWith("aws", StringComparison.Ordinal) || call.StartsWith("zip", StringComparison.Ordinal) ? 1 : 3)))
                .TakeWhile((_, i) => i < 8));
        Assert.Contains("-p:FunctionsHost=Azure", calls.Single(call => call.StartsWith("dotnet", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("--src", calls.Single(call => call.StartsWith("az functionapp", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output + errors + string.Join('\n', calls), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_dry_run_says_everything_and_does_nothing()
    {
        var (exitCode, output, errors) = await RunAsync("--dry-run", "--resource-group", "group");

        Assert.Equal(0, exitCode);
        Assert.False(File.Exists(Log));
        foreach (var step in (string[])["+ az group create --name group", "+ az deployment group create", "+ dotnet publish functions", "+ az functionapp deployment source config-zip", "smoke-test.sh"])
            Assert.Contains(step, errors, StringComparison.Ordinal);
        Assert.Contains("== A try with the AWS CLI", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_if_changes_nothing()
    {
        var (exitCode, _, errors) = await RunAsync("--what-if", "--resource-group", "group");

        Assert.True(exitCode == 0, errors);
        Assert.Equal("az deployment group what-if --resource-group group --parameters infra/dev.bicepparam", (await File.ReadAllLinesAsync(Log))[^1]);
    }

    [SkippableTheory]
    [InlineData("deploy.sh: --resource-group is missing")]
    [InlineData("deploy.sh: unknown option --force", "--force")]
    [InlineData("deploy.sh: --resource-group needs a value", "--resource-group")]
    [InlineData("deploy.sh: there is no file ", "--resource-group", "group", "--parameters", "no.bicepparam")]
    public async Task What_it_does_not_understand_it_refuses_before_it_does_anything(string message, params string[] arguments)
    {
        var (exitCode, _, errors) = await RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.StartsWith(message, errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Log));
    }

    [SkippableFact]
    public async Task A_step_that_fails_is_the_last_one()
    {
        var (exitCode, _, _) = await RunAsync(["--resource-group", "group"], failing: "dotnet");

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith("dotnet publish", (await File.ReadAllLinesAsync(Log))[^1], StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(arguments, failing: "");

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments, string failing)
    {
        Skip.If(OperatingSystem.IsWindows(), "The script is one for bash.");
        foreach (var program in (string[])["az", "dotnet", "zip", "aws"])
        {
            var file = Path.Combine(_folder.FullName, program);
            // The AWS CLI's answers are the smoke test's: one that gets what it has put.
            await File.WriteAllTextAsync(file, $"""
                #!/bin/sh
                echo "{program} $*" >> "$LOG"
                case "$*" in
                    *publish*) mkdir -p "$(echo "$*" | sed 's/.*--output \([^ ]*\).*/\1/')" ;;
                    *"cp s3://"*) for to; do case $to in */got) cp "${"{"}to%got{"}"}sent" "$to" ;; esac; done ;;
                    *head-object*AES256*) echo AES256 ;;
                    *head-object*) echo aws:kms ;;
                    *outputs*) echo "https://app.example.test" ;;
                esac
                {(program == failing ? "exit 1" : "")}
                """);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        var start = new ProcessStartInfo("bash", [ProjectFiles.Path("infra", "deploy.sh"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["LOG"] = Log;
        start.Environment["ROOT_SECRET_ACCESS_KEY"] = Secret;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return (process.ExitCode, await output, await errors);
    }
}
