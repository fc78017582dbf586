using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.LocalHost.Timers;

/// <summary>
/// What the timers keep in storage, in the container that the Functions host uses too: per function a blob to lease, and one with its
/// recorded times as JSON. A record is written before its process waits for the next time; only the lease's holder writes.
/// </summary>
internal sealed class TimerRecords(BlobServiceClient storage, string app)
{
    private readonly BlobContainerClient _container = storage.GetBlobContainerClient("azure-webjobs-hosts");

    public Task CreateAsync(CancellationToken cancellationToken) => _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);

    public BlobClient Lock(string function) => _container.GetBlobClient($"locks/{app}/{function}");

    /// <summary>The recorded times, or null where there is no record that can be read.</summary>
    public async Task<ScheduleStatus?> ReadAsync(string function, CancellationToken cancellationToken)
    {
        try
        {
            return (await Status(function).DownloadContentAsync(cancellationToken)).Value.Content.ToObjectFromJson<ScheduleStatus>();
        }
        catch (Exception exception) when (exception is RequestFailedException { Status: 404 } or JsonException)
        {
            return null;
        }
    }

    public Task WriteAsync(string function, ScheduleStatus status, CancellationToken cancellationToken) =>
        Status(function).UploadAsync(BinaryData.FromObjectAsJson(status), overwrite: true, cancellationToken);

    private BlobClient Status(string function) => _container.GetBlobClient($"timers/{app}/{function}/status");
}
