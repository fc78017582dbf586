using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;
using Serverless.LocalHost.Azurite;
using Serverless.LocalHost.Http;
using Serverless.LocalHost.Settings;
using Serverless.LocalHost.Tls;

namespace Serverless.LocalHost;

/// <summary>
/// What a machine needs for the app to run on it: settings, keys, a certificate and storage. All of it is there before the app reads its first
/// setting, and what was started or made for this run only is gone when it is disposed of.
/// </summary>
internal sealed class LocalMachine : IAsyncDisposable
{
    private readonly string _dataFolder;
    private AzuriteProcess? _azurite;

    private LocalMachine(LocalOptions options)
    {
        Options = options;
        Root = ProjectRoot.Find();
        _dataFolder = options.Ephemeral
            ? Directory.CreateTempSubdirectory("serverless-").FullName
            : Path.GetFullPath(options.DataFolder ?? Path.Combine(Root, ".local"));
    }

    public LocalOptions Options { get; }

    /// <summary>The folder that holds host.json.</summary>
    public string Root { get; }

    /// <summary>The access key that the app starts with.</summary>
    public AccessKey AccessKey { get; private set; } = new("", null);

    public X509Certificate2 Certificate { get; private set; } = null!;

    /// <summary>What https clients trust, as a PEM file.</summary>
    public string AuthorityFile => Path.Combine(CertificateFolder, DevelopmentCertificate.AuthorityFile);

    private string CertificateFolder => Path.Combine(_dataFolder, "certs");

    /// <exception cref="StartupException">Something is missing, taken or damaged; the message says what to do.</exception>
    public static async Task<LocalMachine> PrepareAsync(LocalOptions options, IConfigurationBuilder settings, CancellationToken cancellationToken)
    {
        LocalPorts.RequireFree(options);
        var machine = new LocalMachine(options);
        try
        {
            LocalSettings.Add(settings, machine.Root);
            settings.AddInMemoryCollection(await machine.ProvisionAsync(settings.Build(), cancellationToken));
            return machine;
        }
        catch (Exception exception)
        {
            await machine.DisposeAsync();
            if (exception is IOException or UnauthorizedAccessException)
                throw new StartupException($"The data folder {machine._dataFolder} cannot be used: {exception.Message}", exception);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_azurite is not null) await _azurite.DisposeAsync();
        _azurite = null;
        Certificate?.Dispose();
        if (Options.Ephemeral && Directory.Exists(_dataFolder)) Directory.Delete(_dataFolder, recursive: true);
    }

    /// <summary>Makes what is missing, and answers the settings that follow from it.</summary>
    private async Task<Dictionary<string, string?>> ProvisionAsync(IConfiguration settings, CancellationToken cancellationToken)
    {
        var storage = settings[LocalSettings.Storage];
        var isDevelopmentStorage = string.Equals(storage?.TrimEnd(';'), LocalSettings.DevelopmentStorage, StringComparison.OrdinalIgnoreCase);
        if (Options.Ephemeral && !isDevelopmentStorage)
            throw new StartupException("--ephemeral keeps nothing, so it cannot use the storage account that AzureWebJobsStorage names: leave out the one or the other.");

        OwnerOnly.CreateFolder(_dataFolder);
        var provisioned = new Dictionary<string, string?>();
        using (await FileLock.AcquireAsync(Path.Combine(_dataFolder, "provisioning.lock"), cancellationToken))
        {
            Certificate = DevelopmentCertificate.Ensure(CertificateFolder, TimeProvider.System);
            AccessKey = DevelopmentKeys.AccessKey(settings, _dataFolder);
            if (AccessKey.Secret is { } secret)
            {
                provisioned["Access:RootAccessKeyId"] = AccessKey.Id;
                provisioned["Access:RootSecretAccessKey"] = secret;
            }
            if (DevelopmentKeys.RootKeyFile(settings, Root, _dataFolder, Options.Ephemeral) is { } rootKey)
            {
                provisioned["RootKey:Provider"] = "Local";
                provisioned["RootKey:File"] = rootKey;
            }
        }
        if (Options.Ephemeral)
        {
            _azurite = await AzuriteProcess.StartInMemoryAsync(cancellationToken);
            provisioned[LocalSettings.Storage] = _azurite.ConnectionString;
        }
        else if (isDevelopmentStorage)
        {
            _azurite = await DevelopmentStorage.EnsureAsync(Path.Combine(_dataFolder, "azurite"), DevelopmentStorage.FirstPort, cancellationToken);
        }
        return provisioned;
    }
}
