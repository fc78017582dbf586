using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Serverless.LocalHost.Http;

namespace Serverless.LocalHost;

/// <summary>
/// The app's host as Build() returns it. It adds what the user sees: the banner when requests are served, and one sentence instead of a stack trace
/// when the start fails. What the machine runs for the app is stopped last.
/// </summary>
internal sealed class LocalFunctionsHost(IHost app, LocalMachine machine, StartupLogFilter logs) : IHost, IAsyncDisposable
{
    private bool _failed;

    public IServiceProvider Services => app.Services;

    /// <summary>Starts everything. A failure is printed, sets the process's exit code to 1 and stops the app; it is not thrown.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            // The app's functions are understood before anything of it runs.
            Services.GetRequiredService<HttpDispatcher>();
            await app.StartAsync(cancellationToken);
            logs.Started = true;
            var addresses = Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
                .Select(address => new UriBuilder(address) { Host = "localhost" }.Uri).ToLookup(address => address.Scheme);
            Console.WriteLine(Banner.Text(addresses["http"].First(), addresses["https"].First(), machine, Services.GetRequiredService<IConfiguration>()));
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Ctrl-C came before the start had ended.
        }
        catch (Exception exception)
        {
            _failed = true;
            Report(exception, machine.Options);
            lifetime.StopApplication();
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await app.StopAsync(cancellationToken);
        }
        catch (Exception) when (_failed)
        {
            // What has not wholly started may not stop cleanly either; why has been told.
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (app is IAsyncDisposable disposable) await disposable.DisposeAsync();
            else app.Dispose();
        }
        finally
        {
            await machine.DisposeAsync();
        }
    }

    /// <summary>Prints why the start failed, as one sentence (everything with --verbose), and makes the process's exit code 1.</summary>
    public static void Report(Exception exception, LocalOptions options)
    {
        Console.Error.WriteLine(options.Verbose ? exception.ToString() : Sentence(exception, options));
        Environment.ExitCode = 1;
    }

    private static string Sentence(Exception exception, LocalOptions options)
    {
        switch (exception)
        {
            case AggregateException { InnerExceptions: [var only] }:
                return Sentence(only, options);
            // Taken between our look at the port and Kestrel's.
            case IOException { InnerException: AddressInUseException }:
                try
                {
                    LocalPorts.RequireFree(options);
                }
                catch (StartupException taken)
                {
                    return taken.Message;
                }
                break;
            // How the app's own hosted services say what is wrong with the settings or the keys: their words are for the user.
            case StartupException or OptionsValidationException or CryptographicException or InvalidOperationException:
                return exception.Message.ReplaceLineEndings(" ");
        }
        return $"The app did not start. {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
    }
}
