using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Serverless.Objects.Buckets;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Rotation;

/// <summary>Makes entries of what the stores list.</summary>
public sealed class RewrapEntries(IBucketStore buckets, IObjectStore objects, ObjectFinder finder, IUploadStore uploads, ILogger<RewrapEntries> logger)
{
    private const int NameSize = 16;

    /// <summary>An object's, or an archived version's.</summary>
    public RewrapEntry Of(ObjectPlace place, StoredObject? listed, CancellationToken cancellationToken)
    {
        if (listed is null) logger.LogWarning("What is stored as {Key} in bucket {Bucket} does not describe an object.", place.Key, place.Bucket.Name);
        return new(place.Bucket, place.Key, NameOf($"{place.Key}\0{place.Archived}\0", listed), listed)
        {
            Write = (expected, keys) => finder.UpdateAsync(new(place, expected), expected.Description, keys, cancellationToken),
            Find = FindAsync,
        };

        async ValueTask<StoredObject?> FindAsync()
        {
            // An archived version that has become current counts as that.
            if (place.Archived is { } name && await objects.FindAsync(place with { Archived = null }, cancellationToken).ConfigureAwait(false) is { } current
                && current.Description.Rank == name.Rank)
            {
                place = place with { Archived = null };
                return current;
            }
            return await objects.FindAsync(place, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>An upload's; null for one without its bucket, which is nobody's and will be aborted.</summary>
    public async ValueTask<RewrapEntry?> OfAsync(ListedUpload listed, CancellationToken cancellationToken)
    {
        if (listed.Upload is not { } upload)
        {
            logger.LogWarning("What is stored as the upload {Name} does not describe one.", listed.Name);
            return new(new(listed.Name.Split('/')[0], "", "", default, false), "", NameOf(listed.Name, null), null) { Write = (_, _) => new(false), Find = () => default };
        }
        if (await buckets.FindAsync(upload.Bucket, cancellationToken).ConfigureAwait(false) is not { } bucket || bucket.Container != upload.Container) return null;
        return new(bucket, upload.Key, NameOf(listed.Name, upload.Object), upload.Object)
        {
            Upload = upload.Id,
            Write = (expected, keys) => uploads.RewrapAsync(upload with { Object = expected }, keys, cancellationToken),
            Find = async () => (await uploads.FindAsync(bucket, upload.Key, upload.Id, cancellationToken).ConfigureAwait(false))?.Object,
        };
    }

    /// <summary>Short whatever the key, since a page's are noted; the object's id is random.</summary>
    private static string NameOf(string place, StoredObject? stored) =>
        Convert.ToBase64String(SHA256.HashData([.. Encoding.UTF8.GetBytes(place), .. stored?.Description.Id ?? []]).AsSpan(0, NameSize));
}
