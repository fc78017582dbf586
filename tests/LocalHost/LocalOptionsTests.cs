namespace Serverless.LocalHost.Tests;

public sealed class LocalOptionsTests
{
    [Fact]
    public void Without_arguments_the_ports_are_7071_and_7072_and_data_are_kept()
    {
        Assert.Equal(new LocalOptions { HttpPort = 7071, HttpsPort = 7072, DataFolder = null, Ephemeral = false, Verbose = false }, LocalOptions.Parse([]));
    }

    [Fact]
    public void Each_option_is_understood()
    {
        Assert.Equal(
            new LocalOptions { HttpPort = 0, HttpsPort = 65535, DataFolder = "/data", Verbose = true },
            LocalOptions.Parse(["--http-port", "0", "--https-port", "65535", "--data-folder", "/data", "--verbose"]));
        Assert.True(LocalOptions.Parse(["--ephemeral"]).Ephemeral);
    }

    [Theory]
    [InlineData("Unknown option '--port'", "--port", "80")]
    [InlineData("Option '--http-port' needs a value", "--http-port")]
    [InlineData("'x' is not a port", "--http-port", "x")]
    [InlineData("'-1' is not a port", "--https-port", "-1")]
    [InlineData("'65536' is not a port", "--https-port", "65536")]
    [InlineData("--http-port and --https-port are both 80", "--http-port", "80", "--https-port", "80")]
    [InlineData("--ephemeral keeps nothing", "--ephemeral", "--data-folder", "/data")]
    public void What_is_wrong_with_the_arguments_is_told_in_one_sentence(string start, params string[] arguments)
    {
        var failure = Assert.Throws<StartupException>(() => LocalOptions.Parse(arguments));

        Assert.StartsWith(start, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }
}
