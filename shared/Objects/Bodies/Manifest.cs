namespace Serverless.Objects.Bodies;

/// <summary>
/// The content of an object whose data are elsewhere: the parts, in order, whose streams lie one behind the other in the data blob.
/// Stored as JSON behind its <see cref="Serverless.Encryption.ContentTag"/>, a key derived from the data key authenticating it.
/// </summary>
public sealed record Manifest(string DataBlob, IReadOnlyList<ManifestPart> Parts);

/// <param name="Number">The part's number, which is in its stream's context.</param>
/// <param name="Length">The plaintext's length in bytes.</param>
/// <param name="ETag">The part's ETag without quotes.</param>
public sealed record ManifestPart(int Number, long Length, string ETag);
