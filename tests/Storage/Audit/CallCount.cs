using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.Storage.Tests;

/// <summary>Counts the calls to the storage account.</summary>
internal sealed class CallCount : HttpPipelinePolicy
{
    private int total;

    public int Total => Volatile.Read(ref total);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();

    public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Interlocked.Increment(ref total);
        return ProcessNextAsync(message, pipeline);
    }
}
