using System.Globalization;
using Serverless.Objects.Store;

namespace Serverless.Objects.Bodies;

/// <summary>
/// The content of an object whose data are elsewhere: its parts, in order, and the blobs that hold them.
/// Stored as JSON behind its <see cref="Serverless.Encryption.ContentTag"/>, a key derived from the data key authenticating it.
/// </summary>
/// <param name="DataBlob">The blob of an object that came in one request; the folder of the parts' blobs of one that was uploaded in parts.</param>
public sealed record Manifest(string DataBlob, IReadOnlyList<ManifestPart> Parts)
{
    /// <summary>The name of a part's blob. The random token keeps a part that is uploaded again apart from its predecessor.</summary>
    public static string BlobOf(string folder, int number, string token) => $"{folder}/{number.ToString("D5", CultureInfo.InvariantCulture)}-{token}";

    public string BlobOf(ManifestPart part) => part.Token is null ? DataBlob : BlobOf(DataBlob, part.Number, part.Token);
}

/// <param name="Number">The part's number, which is in its stream's context.</param>
/// <param name="Length">The plaintext's length in bytes.</param>
/// <param name="Token">What tells the part's blob from others of its number; null where the data blob is the part's.</param>
/// <param name="Streams">The headers of the part's stream; null where they are with the object.</param>
/// <param name="Checksum">The part's checksum, of the algorithm of the object's.</param>
public sealed record ManifestPart(int Number, long Length, string? Token = null, StreamHeaders? Streams = null, string? Checksum = null);
