using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Storage;

/// <summary>Whether Blob, Table and Queue storage answer.</summary>
public sealed class StorageReadiness(StorageAccount account) : IReadinessCheck
{
    /// <summary>Never made: that there is none is an answer, too.</summary>
    private const string NoContainer = "health";

    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        await account.Blobs.GetBlobContainerClient(NoContainer).ExistsAsync(cancellationToken).ConfigureAwait(false);
        await account.Queues.GetQueueClient(IAuditQueue.Name).ExistsAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var _ in account.Tables.QueryAsync($"TableName eq '{TableBucketStore.TableName}'", maxPerPage: 1, cancellationToken).ConfigureAwait(false)) break;
    }
}
