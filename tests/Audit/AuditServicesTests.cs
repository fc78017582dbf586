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

    [Fact]
    public async Task Everything_that_is_registered_can_be_made_and_the_trail_is_one_for_all()
    {
        await using var services = Services(null);

        Assert.Same(services.GetRequiredService<IAuditTrail>(), services.GetRequiredService<IAuditTrail>());
        Assert.NotNull(services.GetRequiredService<AuditWriter>());
        Assert.NotNull(services.GetRequiredService<CloudTrailEndpoint>());
    }

    private static ServiceProvider Services(string? scope) =>
        new ServiceCollection()
            .AddLogging()
            .AddSingleton(Events.Identity)
            .AddSingleton<IAuditQueue, MemoryAuditQueue>()
            .AddSingleton<IAuditStore, MemoryAuditStore>()
            .AddAudit(new ConfigurationBuilder().AddInMemoryCollection([new("Audit:Scope", scope)]).Build())
            .BuildServiceProvider();
}
