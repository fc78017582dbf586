using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Storage.Blobs;
using Serverless.Audit;
using Serverless.Benchmarks.Floor;
using Serverless.LocalHost.Azurite;
using Serverless.Storage;

namespace Serverless.Benchmarks.Programs;

/// <summary>
/// A fresh Azurite with the floor and the service before it. Each measurement has a stage of its own, because Azurite gives back the memory of
/// overwritten objects only after ten minutes.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string Region = "us-east-1";

    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SettleInterval = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("serverless-benchmarks-");
    private AzuriteProcess? _azurite;
    private ChildProgram? _floor;
    private ChildProgram? _service;

    private Stage(IReadOnlyList<string> modes) => Modes = modes;

    /// <summary>The service's modes that the stage is for; if none, the service is not there.</summary>
    public IReadOnlyList<string> Modes { get; }

    public StorageAccount Account { get; private set; } = null!;

    /// <summary>What the floor and the direct requests use.</summary>
    public BlobContainerClient Container => Account.Blobs.GetBlobContainerClient(FloorProgram.Container);

    public ChildProgram Floor => _floor!;

    public Uri FloorAddress { get; } = new($"http://127.0.0.1:{ChildProgram.FreePort()}");

    /// <summary>Null on a stage for no mode.</summary>
    public ChildProgram? Service => _service;

    public Uri ServiceAddress { get; } = new($"http://127.0.0.1:{ChildProgram.FreePort()}");

    public Uri SecureServiceAddress { get; } = new($"https://localhost:{ChildProgram.FreePort()}");

    /// <summary>The access key that the service is started with.</summary>
    public string AccessKeyId { get; } = "AKIA" + RandomNumberGenerator.GetHexString(16);

    public string SecretAccessKey { get; } = RandomNumberGenerator.GetHexString(40);

    /// <summary>Who issued the service's certificate.</summary>
    public X509Certificate2 Authority { get; private set; } = null!;

    /// <param name="modes">The service's modes to be measured; if none, it is not started.</param>
    /// <param name="onDisk">True: Azurite keeps its data in a temporary folder instead of memory.</param>
    /// <param name="cancellationToken">Gives up, and stops what was started.</param>
    public static async Task<Stage> StartAsync(IReadOnlyList<string> modes, bool onDisk, CancellationToken cancellationToken)
    {
        var stage = new Stage(modes);
        try
        {
            await stage.StartProgramsAsync(onDisk, cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Waits until the audit records of all requests so far are in the table, at most half a minute: they are the work of the requests that caused them,
    /// and must not slow those that follow.
    /// </summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        if (_service is null) return;
        var queue = Account.Queues.GetQueueClient(IAuditQueue.Name);
        if (!await queue.ExistsAsync(cancellationToken)) return;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < SettleLimit; await Task.Delay(SettleInterval, cancellationToken))
            if ((await queue.GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount == 0) return;
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync();
        if (_floor is not null) await _floor.DisposeAsync();
        if (_azurite is not null) await _azurite.DisposeAsync();
        Authority?.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartProgramsAsync(bool onDisk, CancellationToken cancellationToken)
    {
        _azurite = await AzuriteProcess.StartAsync(new() { DataFolder = onDisk ? Path.Combine(_folder.FullName, "azurite") : null }, cancellationToken);
        Account = new StorageAccount(_azurite.ConnectionString);
        await Container.CreateAsync(cancellationToken: cancellationToken);

        var settings = new Dictionary<string, string> { [StorageConnection.Setting] = _azurite.ConnectionString };
        _floor = await ChildProgram.StartAsync(FloorAddress, [Roles.Floor, $"{FloorAddress.Port}"], settings, cancellationToken);
        if (Modes.Count == 0) return;

        // Set here, so that a developer's own local.settings.json changes nothing.
        settings["Access__RootAccessKeyId"] = AccessKeyId;
        settings["Access__RootSecretAccessKey"] = SecretAccessKey;
        settings["Service__Region"] = Region;
        settings["RootKey__Provider"] = "Local";
        settings["RootKey__File"] = Path.Combine(_folder.FullName, "root.key");
        settings["S3__BlockSseCOnNewBuckets"] = "false";
        settings["Audit__Scope"] = "Kms";
        _service = await ChildProgram.StartAsync(new Uri(ServiceAddress, "/_health/ready"),
            [Roles.Service, "--http-port", $"{ServiceAddress.Port}", "--https-port", $"{SecureServiceAddress.Port}", "--data-folder", _folder.FullName],
            settings, cancellationToken);
        Authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder.FullName, "certs", "ca.pem"));
    }
}
