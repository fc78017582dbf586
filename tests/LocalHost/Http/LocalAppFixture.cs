using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.LocalHost.SampleApp;

namespace Serverless.LocalHost.Tests.Http;

/// <summary>The sample app, run by this process on free ports.</summary>
public sealed class LocalAppFixture : IAsyncLifetime
{
    private IHost? _host;

    public Uri Http { get; private set; } = null!;

    public Uri Https { get; private set; } = null!;

    public string AuthorityFile { get; private set; } = "";

    public Journal Journal => _host!.Services.GetRequiredService<Journal>();

    public string ConnectionString => _host!.Services.GetRequiredService<IConfiguration>()["AzureWebJobsStorage"]!;

    public async Task InitializeAsync()
    {
        var builder = new FunctionsApplicationBuilder(new LocalOptions { HttpPort = 0, HttpsPort = 0, Ephemeral = true }, typeof(Journal).Assembly);
        builder.ConfigureFunctionsWebApplication();
        builder.Configuration.AddInMemoryCollection([new("Sample:Schedule", "* * * * * *"), new("Sample:Queue", "work")]);
        builder.Services.AddSingleton<Journal>();
        AuthorityFile = Path.Combine(Path.GetDirectoryName(builder.Configuration["RootKey:File"])!, "certs", "ca.pem");
        _host = builder.Build();
        await _host.StartAsync();
        var addresses = _host.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        Http = new Uri(addresses.Single(address => address.StartsWith("http:", StringComparison.Ordinal)));
        Https = new Uri(addresses.Single(address => address.StartsWith("https:", StringComparison.Ordinal)));
    }

    public async Task DisposeAsync()
    {
        await _host!.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
