using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.CommandLine;

/// <summary>An installed AWS CLI, of version 1 or 2, that sees these tests' account and nothing of the user's own configuration. It acts as the account's root.</summary>
internal sealed class AwsCli(string program, Uri endpoint, string? authorityFile)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>What it signs with.</summary>
    public (string Id, string Secret) AccessKey { get; private init; } = (TestAccount.AccessKeyId, TestAccount.SecretAccessKey);

    /// <summary>Where it keeps what it is told to keep, such as the models of services; null where that is the user's own.</summary>
    public string? Home { get; init; }

    /// <summary>The first on the PATH, and Debian's where that is another.</summary>
    public static IReadOnlyList<string> Installed { get; } =
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "aws")).Where(File.Exists).Take(1).Append("/usr/bin/aws").Where(File.Exists).Distinct(),
    ];

    /// <summary>The same CLI acting as whose access key that is.</summary>
    public AwsCli As(string accessKeyId, string secretAccessKey) => new(program, endpoint, authorityFile) { AccessKey = (accessKeyId, secretAccessKey), Home = Home };

    /// <summary>Runs a command that must succeed.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await ExecuteAsync(arguments);
        Assert.True(exitCode == 0, $"aws {string.Join(' ', arguments)}\n{output}\n{errors}");
        return output;
    }

    /// <summary>Runs a command that must fail.</summary>
    /// <returns>What it printed as the error.</returns>
    public async Task<string> FailAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await ExecuteAsync(arguments);
        Assert.True(exitCode != 0, $"aws {string.Join(' ', arguments)} succeeded:\n{output}");
        return errors;
    }

    /// <summary>Whether this version has an operation, which must have parameters: KMS has learned some since Debian's version came out.</summary>
    public async Task<bool> KnowsAsync(string service, string operation) =>
        !(await FailAsync(service, operation)).Contains("nvalid choice", StringComparison.Ordinal);

    private Task<(int ExitCode, string Output, string Errors)> ExecuteAsync(string[] arguments)
    {
        string[] trust = authorityFile is null ? [] : ["--ca-bundle", authorityFile];
        return ClientProgram.RunAsync(program, ["--endpoint-url", endpoint.AbsoluteUri.TrimEnd('/'), .. trust, .. arguments],
        [
            ("AWS_ACCESS_KEY_ID", AccessKey.Id), ("AWS_SECRET_ACCESS_KEY", AccessKey.Secret), ("AWS_DEFAULT_REGION", TestAccount.Region),
            ("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"), ("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_PAGER", ""),
            .. Home is null ? [] : new[] { ("HOME", Home) },
        ], Limit);
    }
}
