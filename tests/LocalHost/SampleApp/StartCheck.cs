using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Serverless.LocalHost.SampleApp;

/// <summary>A check at start, as an app does it for its root key: it fails where the setting <c>Sample__RefuseToStart</c> gives a reason.</summary>
public sealed class StartCheck(IConfiguration configuration) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        configuration["Sample:RefuseToStart"] is { } reason ? throw new InvalidOperationException(reason) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
