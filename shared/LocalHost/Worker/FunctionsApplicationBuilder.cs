using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.LocalHost;
using Serverless.LocalHost.Functions;
using Serverless.LocalHost.Http;
using Serverless.LocalHost.Queues;
using Serverless.LocalHost.Settings;
using Serverless.LocalHost.Timers;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Builds an app whose functions this machine runs: Kestrel for its HTTP functions, a scheduler for its timers, a poller for each queue.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    private readonly WebApplicationBuilder _web;
    private readonly LocalMachine _machine;
    private readonly StartupLogFilter _logs;

    internal FunctionsApplicationBuilder(LocalOptions options, Assembly functions)
    {
        _web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        // The worker's API is synchronous here, and the app may read the storage's connection string as soon as it has its builder.
        _machine = Task.Run(() => LocalMachine.PrepareAsync(options, _web.Configuration, CancellationToken.None)).GetAwaiter().GetResult();
        _logs = new StartupLogFilter(options.Verbose);
        ConfigureLogging();
        ConfigureServer();
        Services.TryAddSingleton(TimeProvider.System);
        Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        Services.AddSingleton(services => new FunctionCatalog(functions.GetName().Name!, functions.GetExportedTypes(), services.GetRequiredService<IConfiguration>()));
        Services.AddSingleton<HttpDispatcher>();
        Services.AddSingleton(_ => QueueOptions.Read(Path.Combine(_machine.Root, "host.json")));
    }

    /// <inheritdoc/>
    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    /// <inheritdoc/>
    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    /// <inheritdoc cref="IHostApplicationBuilder.Configuration"/>
    public ConfigurationManager Configuration => _web.Configuration;

    /// <inheritdoc/>
    public IHostEnvironment Environment => _web.Environment;

    /// <inheritdoc/>
    public ILoggingBuilder Logging => _web.Logging;

    /// <inheritdoc/>
    public IMetricsBuilder Metrics => _web.Metrics;

    /// <inheritdoc/>
    public IServiceCollection Services => _web.Services;

    /// <inheritdoc/>
    public void ConfigureContainer<TContainerBuilder>(IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);

    /// <summary>
    /// The app, ready to run. Its own hosted services start first, then timers and queues, then the listener; they stop in the opposite order,
    /// each letting what is at work finish, within 10 seconds.
    /// </summary>
    public IHost Build()
    {
        Services.AddHostedService<TriggerListeners>();
        var app = _web.Build();
        app.Use(_ => app.Services.GetRequiredService<HttpDispatcher>().DispatchAsync);
        return new LocalFunctionsHost(app, _machine, _logs);
    }

    private void ConfigureLogging() => _web.Logging
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        })
        .SetMinimumLevel(LogLevel.Trace)
        .AddFilter(_logs.Allows)
        // It would cost an Activity and a logging scope for every request, and tells nothing that is needed here.
        .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
        .AddConfiguration(Configuration.GetSection("Logging"));

    private void ConfigureServer()
    {
        Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlockMemoryPool>();
        _web.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            // S3's own limits hold, and the app enforces them.
            server.Limits.MaxRequestBodySize = null;
            Listen(server, _machine.Options.HttpPort, _ => { });
            Listen(server, _machine.Options.HttpsPort, endpoint => endpoint.UseHttps(_machine.Certificate));
        });
    }

    /// <summary>Listens on this machine only; a free port can be had for one address at a time, and IPv4's is the one that every client tries.</summary>
    private static void Listen(KestrelServerOptions server, int port, Action<ListenOptions> configure)
    {
        if (port == 0) server.Listen(IPAddress.Loopback, port, configure);
        else server.ListenLocalhost(port, configure);
    }
}
