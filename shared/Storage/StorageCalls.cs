using Azure;
using Serverless.Objects.Store;

namespace Serverless.Storage;

/// <summary>What a failed call of the Azure SDK means to the folders that do not know Azure.</summary>
internal static class StorageCalls
{
    /// <summary>Runs a call; one that the store did not or could not answer throws <see cref="StoreUnavailableException"/>.</summary>
    public static async ValueTask<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            throw new StoreUnavailableException(e);
        }
    }

    /// <summary>No answer (status 0, also after the SDK's retries), throttled, timed out, or the store's own failure.</summary>
    private static bool IsUnavailable(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        RequestFailedException e => e.Status is 0 or 408 or 429 or >= 500,
        AggregateException e => e.InnerExceptions.All(inner => inner is RequestFailedException or IOException or OperationCanceledException),
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        IOException => true,
        _ => false,
    };
}
