using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Serverless.LocalHost.SampleApp;

/// <summary>
/// A check at start, as an app does it for its root key: it fails where the setting <c>Sample__RefuseToStart</c> gives a reason, and cannot even be made
/// where <c>Sample__RefuseToBeMade</c> does.
/// </summary>
public sealed class StartCheck(IConfiguration configuration) : IHostedService
{
    private readonly bool _made = configuration["Sample:RefuseToBeMade"] is { } reason ? throw new CryptographicException(reason) : true;

    public Task StartAsync(CancellationToken cancellationToken) =>
        _made && configuration["Sample:RefuseToStart"] is { } reason ? throw new InvalidOperationException(reason) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
