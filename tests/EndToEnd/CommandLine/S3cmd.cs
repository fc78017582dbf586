using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.CommandLine;

/// <summary>An installed s3cmd that acts as these tests' account.</summary>
/// <param name="configuration">The file of its configuration.</param>
internal sealed class S3cmd(string configuration)
{
    /// <summary>An empty file that waited for a 100 (Continue) in vain would alone take a minute.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public string Configuration => configuration;

    /// <summary>The program, if there is one on this machine: else the test is skipped.</summary>
    /// <param name="folder">Where its configuration may be written.</param>
    public static async Task<S3cmd> RequireAsync(ServiceFixture service, string folder)
    {
        var configuration = Path.Combine(folder, "s3cfg");
        await File.WriteAllTextAsync(configuration,
            $"[default]\naccess_key = {TestAccount.AccessKeyId}\nsecret_key = {TestAccount.SecretAccessKey}\nhost_base = {service.Process.Http.Authority}\nhost_bucket = {service.Process.Http.Authority}\nuse_https = False\n");
        var s3cmd = new S3cmd(configuration);
        await ClientProgram.RequireAsync("s3cmd", "--version");
        return s3cmd;
    }

    /// <summary>Runs a command that must succeed, and returns what it printed.</summary>
    public Task<string> RunAsync(params string[] arguments) => ClientProgram.MustAsync("s3cmd", ["-c", configuration, "--no-progress", .. arguments], [], Limit);
}
