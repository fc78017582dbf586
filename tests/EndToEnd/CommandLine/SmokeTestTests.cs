using Serverless.EndToEnd.Service;
using Serverless.Objects.Tests;

namespace Serverless.EndToEnd.CommandLine;

/// <summary><c>infra/smoke-test.sh</c>, which a deployment ends with, against a service that is there.</summary>
public sealed class SmokeTestTests(ServiceFixture service) : IClassFixture<ServiceFixture>
{
    [SkippableFact]
    public async Task The_smoke_test_of_a_deployment_passes_and_leaves_nothing()
    {
        Skip.If(AwsCli.Installed.Count == 0, "No AWS CLI is installed.");
        var (exitCode, output, errors) = await RunAsync(TestAccount.SecretAccessKey);

        Assert.True(exitCode == 0, output + errors);
        Assert.Equal(["AES256: what was put was got", "aws:kms: what was put was got"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain((await service.S3.ListBucketsAsync()).Buckets ?? [], bucket => bucket.BucketName.StartsWith("smoke-test-", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_service_that_refuses_fails_it()
    {
        Skip.If(AwsCli.Installed.Count == 0, "No AWS CLI is installed.");
        var (exitCode, _, errors) = await RunAsync("not-the-secret-access-key");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("SignatureDoesNotMatch", errors, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(string secret) => ClientProgram.RunAsync("bash", [ProjectFolder.File("infra", "smoke-test.sh")],
        [
            ("ENDPOINT", service.Process.Http.AbsoluteUri.TrimEnd('/')), ("AWS_ACCESS_KEY_ID", TestAccount.AccessKeyId), ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_DEFAULT_REGION", TestAccount.Region), ("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"), ("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_PAGER", ""),
        ], TimeSpan.FromMinutes(2));
}
