using System.Diagnostics.Metrics;
using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Access;

namespace Serverless.Storage;

/// <summary>Counts the calls of Blob, Table and Queue storage, each try of each, for the request that they are made for.</summary>
internal sealed class StorageCallCounter(string service) : HttpPipelineSynchronousPolicy
{
    private static readonly Counter<long> Calls = ServiceTelemetry.Meter.CreateCounter<long>("sse.storage.calls", "{call}", "Calls of the store, by service and status.");

    private readonly KeyValuePair<string, object?> service = new("service", service);

    public override void OnSendingRequest(HttpMessage message) => RequestTelemetry.Current?.CountStorageCall();

    public override void OnReceivedResponse(HttpMessage message)
    {
        if (Calls.Enabled) Calls.Add(1, service, new("status", message.HasResponse ? message.Response.Status : 0));
    }
}
