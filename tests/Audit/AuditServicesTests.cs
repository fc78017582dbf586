using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

public sealed class AuditServicesTests
{
    [Theory]
    [InlineData(null, AuditScope.Kms)]
    [InlineData("Kms", AuditScope.Kms)]
    [InlineData("all", AuditScope.All)]
    public async Task The_scope_is_a_setting_and_Kms_unless_it_is_set(string? setting, AuditScope expected)
    {
        await using var services = Services(setting);
        services.GetRequiredService<IStartupValidator>().Validate();

        Assert.Equal(expected, services.GetRequiredService<IOptions<AuditOptions>>().Value.Scope);
    }

    [Theory]
    [InlineData("Everything")]
    [InlineData("7")]
    public async Task A_scope_that_is_none_stops_the_app_at_start(string setting)
    {
        await using var services = Services(setting);

        Assert.ThrowsAny<Exception>(services.GetRequiredService<IStartupValidator>().Validate);
    }

    [Theory]
    [InlineData(null, 400)]
    [InlineData("0", 0)]
    [InlineData("90", 90)]
    [InlineData("36500", 36_500)]
    public async Task The_retention_is_a_setting_in_days_and_400_unless_it_is_set(string? setting, int expected)
    {
        await using var services = Services(null, setting);
        services.GetRequiredService<IStartupValidator>().Validate();

        Assert.Equal(expected, services.GetRequiredService<IOptions<AuditOptions>>().Value.RetentionDays);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("89")]
    [InlineData("36501")]
    [InlineData("for ever")]
    public async Task A_retention_that_is_none_stops_the_app_at_start(string setting)
    {
        await using var services = Services(null, setting);

        Assert.ThrowsAny<Exception>(services.GetRequiredService<IStartupValidator>().Validate);
    }

    [Fact]
    public async Task Everything_that_is_registered_can_be_made_and_the_trail_is_one_for_all()
    {
        await using var services = Services(null);

        Assert.Same(services.GetRequiredService<IAuditTrail>(), services.GetRequiredService<IAuditTrail>());
        Assert.NotNull(services.GetRequiredService<AuditWriter>());
        Assert.NotNull(services.GetRequiredService<AuditSealing>());
        Assert.NotNull(services.GetRequiredService<AuditRetention>());
        Assert.NotNull(services.GetRequiredService<AuditVerifier>());
        Assert.NotNull(services.GetRequiredService<CloudTrailEndpoint>());
    }

    private static ServiceProvider Services(string? scope, string? retentionDays = null) =>
        new ServiceCollection()
            .AddLogging()
            .AddSingleton(Events.Identity)
            .AddSingleton<IAuditQueue, MemoryAuditQueue>()
            .AddSingleton<IAuditStore, MemoryAuditStore>()
            .AddSingleton<IDigestStore, MemoryDigestStore>()
            .AddSingleton<IDigestKeys, MemoryDigestKeys>()
            .AddSingleton<IAuditArchive, MemoryAuditArchive>()
            .AddAudit(new ConfigurationBuilder().AddInMemoryCollection(
                new Dictionary<string, string?> { ["Audit:Scope"] = scope, ["Audit:RetentionDays"] = retentionDays }.Where(setting => setting.Value is not null)).Build())
            .BuildServiceProvider();
}
