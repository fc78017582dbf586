using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Serverless.Access.Tests;

public sealed class AccessServicesTests
{
    [Fact]
    public async Task The_root_key_of_the_settings_signs_for_the_root_principal()
    {
        using var host = Build();
        await host.StartAsync();
        var credentials = host.Services.GetRequiredService<ICredentials>();
        var credential = await credentials.FindAsync("AKIAIOSFODNN7EXAMPLE", default);
        Assert.Equal("arn:aws:iam::123456789012:root", credential!.Principal.Arn);
        Assert.Equal("AKIAIOSFODNN7EXAMPLE", credential.Principal.AccessKeyId);
        Assert.Null(await credentials.FindAsync("akiaiosfodnn7example", default));
        Assert.NotNull(host.Services.GetRequiredService<RequestAuthenticator>());
        Assert.Equal("us-east-1", host.Services.GetRequiredService<ServiceIdentity>().Region);
    }

    [Theory]
    [InlineData("Access:RootAccessKeyId", "", "Access__RootAccessKeyId must be set")]
    [InlineData("Access:RootAccessKeyId", "AKIA", "Access__RootAccessKeyId must be set")]
    [InlineData("Access:RootAccessKeyId", "AKIAIOSFODNN7/EXAMPLE", "Access__RootAccessKeyId must be set")]
    [InlineData("Access:RootSecretAccessKey", "", "Access__RootSecretAccessKey must be set")]
    [InlineData("Access:RootSecretAccessKey", "tooshort-secret", "Access__RootSecretAccessKey must be set")]
    [InlineData("Access:RawTarget", "7", "Access__RawTarget must be")]
    [InlineData("Service:AccountId", "1234", "Service__AccountId must be 12 digits")]
    [InlineData("Service:Region", "", "Service__Region must not be empty")]
    public async Task Wrong_settings_stop_the_start_and_are_not_shown(string setting, string value, string message)
    {
        using var host = Build((setting, value));
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tooshort-secret", refused.ToString(), StringComparison.Ordinal);
    }

    private static IHost Build(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Access:RootAccessKeyId"] = "AKIAIOSFODNN7EXAMPLE",
            ["Access:RootSecretAccessKey"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ["Service:AccountId"] = "123456789012",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value));
        builder.Services.AddAccess(builder.Configuration)
            .AddSingleton<IIdentityStore, InMemoryIdentityStore>().AddSingleton<ISecretWrapping, BoundWrapping>().AddSingleton<IIamTrail, RecordingIamTrail>();
        return builder.Build();
    }
}
