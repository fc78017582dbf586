using Azure.Storage;

namespace Serverless.Storage;

internal static class BlobTransfers
{
    /// <summary>What is written at once goes in one Put Blob, never in blocks.</summary>
    public static StorageTransferOptions OneRequest { get; } = new() { InitialTransferSize = 256 << 20, MaximumConcurrency = 1 };
}
