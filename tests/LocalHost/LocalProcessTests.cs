using System.Net;
using System.Net.Sockets;

namespace Serverless.LocalHost.Tests;

public sealed class LocalProcessTests
{
    private const int SigInt = 2;
    private const int SigKill = 9;
    private const int SigTerm = 15;

    private static readonly string[] Ephemeral = ["--ephemeral", "--http-port", "0", "--https-port", "0"];

    [SkippableTheory]
    [InlineData(SigInt)]
    [InlineData(SigTerm)]
    public async Task Asked_to_stop_it_finishes_its_requests_and_leaves_nothing_behind(int signal)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Signals and /proc are Linux's.");
        using var app = new LocalProcess(Ephemeral);
        using var client = new HttpClient { BaseAddress = await app.EndpointAsync() };
        var children = app.Children();
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(app.Output.Split('\n').First(line => line.StartsWith("CA for", StringComparison.Ordinal)).Split(' ')[^1].Trim()))!;
        Assert.NotEmpty(children);
        Assert.True(Directory.Exists(folder));

        using var answer = await client.GetAsync(new Uri("/slow", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        app.Send(signal);

        Assert.Equal("begun /slow", await answer.Content.ReadAsStringAsync());
        Assert.Equal(0, await app.ExitCodeAsync());
        Assert.All(children, child => Assert.False(Directory.Exists($"/proc/{child}")));
        Assert.False(Directory.Exists(folder));
        Assert.Equal("", app.Errors.Trim());
    }

    [SkippableFact]
    public async Task Killed_it_leaves_no_emulator_behind()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Signals and /proc are Linux's.");
        using var app = new LocalProcess(Ephemeral);
        await app.EndpointAsync();
        var children = app.Children();
        Assert.NotEmpty(children);

        app.Send(SigKill);

        await Until.True(() => children.TrueForAll(child => !Directory.Exists($"/proc/{child}")), "the end of the emulator");
    }

    [Fact]
    public async Task Two_run_side_by_side_with_storage_and_keys_of_their_own()
    {
        using var one = new LocalProcess(Ephemeral);
        using var two = new LocalProcess(Ephemeral);
        using var client = new HttpClient();

        Assert.Equal("/one", await client.GetStringAsync(new Uri(await one.EndpointAsync(), "/one")));
        Assert.Equal("/two", await client.GetStringAsync(new Uri(await two.EndpointAsync(), "/two")));
        Assert.NotEqual(ExportLine(one), ExportLine(two));
    }

    [Fact]
    public async Task A_secret_that_comes_from_the_settings_is_not_printed()
    {
        using var app = new LocalProcess(Ephemeral, ("Access__RootAccessKeyId", "AKIAMINE"), ("Access__RootSecretAccessKey", "not-for-the-console"), ("Service__Region", "eu-west-1"));
        await app.EndpointAsync();

        Assert.Equal("export AWS_ACCESS_KEY_ID=AKIAMINE AWS_DEFAULT_REGION=eu-west-1", ExportLine(app));
        Assert.DoesNotContain("not-for-the-console", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_one_sentence()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        await FailsAsync($"Port {port} is already in use. Stop the program that uses it, or choose another with --http-port.",
            ["--ephemeral", "--https-port", "0", "--http-port", $"{port}"]);
        await FailsAsync($"Port {port} is already in use. Stop the program that uses it, or choose another with --https-port.",
            ["--ephemeral", "--http-port", "0", "--https-port", $"{port}"]);
    }

    [Fact]
    public Task An_unknown_option_is_told_in_one_sentence() =>
        FailsAsync($"Unknown option '--prot'. Known are: {LocalOptions.Known}.", ["--prot", "80"]);

    [Fact]
    public Task A_missing_Node_is_told_in_one_sentence() => FailsAsync(
        "Node.js was not found. Azurite, the storage emulator, needs it: install Node.js 20 or newer (Debian: apt install nodejs npm), or set AzureWebJobsStorage to a storage account.",
        Ephemeral, ("PATH", "/nowhere"));

    [Fact]
    public Task A_run_that_keeps_nothing_refuses_an_account_that_keeps_everything() => FailsAsync(
        "--ephemeral keeps nothing, so it cannot use the storage account that AzureWebJobsStorage names: leave out the one or the other.",
        Ephemeral, ("AzureWebJobsStorage", "DefaultEndpointsProtocol=https;AccountName=kept;AccountKey=AA=="));

    [Fact]
    public Task A_function_with_a_broken_schedule_is_told_in_one_sentence() => FailsAsync(
        "The schedule 'hourly' of function Tick is not an NCRONTAB expression of five or six fields.", Ephemeral, ("Sample__Schedule", "hourly"));

    [Theory]
    [InlineData("Sample__RefuseToStart")]
    [InlineData("Sample__RefuseToBeMade")]
    public Task What_the_app_itself_refuses_at_start_is_told_in_its_own_words(string setting) => FailsAsync(
        "The root key does not open the stored keys.", Ephemeral, (setting, "The root key does not open the stored keys."));

    [SkippableFact]
    public async Task A_data_folder_that_cannot_be_made_is_told_in_one_sentence()
    {
        Skip.If(OperatingSystem.IsWindows(), "/dev/null is Unix's.");
        using var app = new LocalProcess(["--http-port", "0", "--https-port", "0", "--data-folder", "/dev/null/data"]);

        Assert.Equal(1, await app.ExitCodeAsync());
        Assert.StartsWith("The data folder /dev/null/data cannot be used: ", app.Errors.Trim(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', app.Errors.Trim());
    }

    [Fact]
    public async Task With_verbose_a_failure_is_told_with_all_details()
    {
        using var app = new LocalProcess([.. Ephemeral, "--verbose"], ("Sample__RefuseToStart", "no"));

        Assert.Equal(1, await app.ExitCodeAsync());
        Assert.Contains("   at ", app.Errors, StringComparison.Ordinal);
    }

    private static async Task FailsAsync(string sentence, string[] arguments, params (string, string)[] settings)
    {
        using var app = new LocalProcess(arguments, settings);

        Assert.Equal(1, await app.ExitCodeAsync());
        Assert.Equal(sentence, app.Errors.Trim());
        Assert.Equal("", app.Output.Trim());
    }

    private static string ExportLine(LocalProcess app) => app.Output.Split('\n').First(line => line.StartsWith("export ", StringComparison.Ordinal)).Trim();
}
