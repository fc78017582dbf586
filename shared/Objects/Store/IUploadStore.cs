using Serverless.Objects.Buckets;
using Serverless.Objects.Multipart;

namespace Serverless.Objects.Store;

/// <summary>
/// Multipart uploads in progress and their parts. An upload that has ended can be found no more, but for a while it is noted that it has:
/// as long as an upload is known in either way, its data are kept. All calls throw <see cref="StoreUnavailableException"/> when the store does not answer;
/// what does not describe an upload is passed over by those that list them, and is a <see cref="DamagedObjectException"/> to <see cref="FindAsync"/>.
/// </summary>
public interface IUploadStore
{
    /// <summary>When this returns, the upload takes parts.</summary>
    /// <exception cref="Api.S3Exception">MetadataTooLarge: the object could not be stored with what is said of it.</exception>
    ValueTask CreateAsync(Upload upload, CancellationToken cancellationToken);

    /// <summary>The upload, while it is in progress.</summary>
    ValueTask<Upload?> FindAsync(Bucket bucket, string key, UploadId id, CancellationToken cancellationToken);

    /// <summary>The uploads in progress in the order of their keys (<see cref="Listing.KeyOrder"/>), and of one key in that of their ids.</summary>
    IAsyncEnumerable<Upload> ListAsync(Bucket bucket, UploadRange range, CancellationToken cancellationToken);

    /// <summary>Replaces the wrapped keys and nothing else when the upload's state is still this one; returns whether it was.</summary>
    ValueTask<bool> RewrapAsync(Upload expected, ObjectKeys keys, CancellationToken cancellationToken);

    /// <summary>Ends the upload when its state is still this one; returns whether it was.</summary>
    ValueTask<bool> EndAsync(Upload expected, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>When this returns, this is the upload's part of its number, instead of any that was before.</summary>
    ValueTask PutPartAsync(UploadId upload, UploadedPart part, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="limit"/> parts in the order of their numbers, which are greater than <paramref name="after"/>.</summary>
    ValueTask<IReadOnlyList<UploadedPart>> ListPartsAsync(UploadId upload, int after, int limit, CancellationToken cancellationToken);

    /// <summary>Whether the upload is in progress, or has ended and is not forgotten yet.</summary>
    ValueTask<bool> IsKnownAsync(string container, string key, UploadId id, CancellationToken cancellationToken);

    /// <summary>All uploads in progress, those of deleted buckets too: for timers. Those of a container come together, in an order of the store's own.</summary>
    /// <param name="after">Those behind the upload of this name (<see cref="ListedUpload.Name"/>), which need not be there any more; null for all of them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    IAsyncEnumerable<ListedUpload> ListAllAsync(string? after, CancellationToken cancellationToken);

    /// <summary>The uploads that had ended before <paramref name="before"/>, in no order: for timers.</summary>
    IAsyncEnumerable<EndedUpload> ListEndedAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Forgets all parts of an upload that has ended, not their data.</summary>
    ValueTask ForgetPartsAsync(UploadId upload, CancellationToken cancellationToken);

    /// <summary>Forgets an upload that has ended; its parts are forgotten first.</summary>
    ValueTask ForgetAsync(EndedUpload upload, CancellationToken cancellationToken);
}

/// <summary>An upload as the store lists it.</summary>
/// <param name="Name">What the store calls it, for an operator.</param>
/// <param name="Upload">The upload; null where what is stored there does not describe one.</param>
public sealed record ListedUpload(string Name, Upload? Upload);

/// <summary>Which of a bucket's uploads to list.</summary>
/// <param name="Prefix">Those whose keys begin with this.</param>
/// <param name="From">Those of this key and of those behind it.</param>
/// <param name="AfterId">Of the key <paramref name="From"/> only those whose ids are greater; null for all of them.</param>
/// <param name="PageSize">How many are read at once.</param>
public sealed record UploadRange(string Prefix, string From, UploadId? AfterId, int PageSize);
