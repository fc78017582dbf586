using System.Security.Cryptography;
using Serverless.Access;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Operations;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Multipart;

/// <summary>A part that is to be stored as soon as its bytes have come.</summary>
/// <param name="CustomerKey">The customer's key that came with it, or null.</param>
public sealed record IncomingPart(Upload Upload, Bucket Bucket, int Number, IPlaintext Plaintext, long Length, BodyDigests Digests, CustomerKey? CustomerKey, Caller Caller);

/// <summary>
/// Stores parts, for whoever uploads or copies them: each as a stream of its own, under the upload's data key, in a blob of its own that is whole before the part counts.
/// A part that is uploaded again gets another blob, so that neither of two that come at once, nor a completion that has seen the first, is disturbed.
/// </summary>
/// <remarks>
/// One data blob for the whole upload would not do: blocks that are not committed are gone after a week, a commit drops those that are just being staged, and a blob has
/// 50,000 of them, of 4 MiB here, where an object may have 50 TB.
/// </remarks>
public sealed class PartWriter(IUploadStore uploads, DataWriter writer, DataKeyring keyring, TimeProvider time)
{
    private const int TokenDigits = 16;

    /// <exception cref="S3Exception">The customer's key does not fit the upload, or a digest is not the part's.</exception>
    /// <exception cref="Serverless.Keys.KmsException">The KMS key cannot be used.</exception>
    public async ValueTask<(UploadedPart Part, SealedBody Body)> WriteAsync(IncomingPart incoming, CancellationToken cancellationToken)
    {
        var (upload, number) = (incoming.Upload, incoming.Number);
        using var keys = UploadRequest.CheckCustomerKey(upload, incoming.CustomerKey, incoming.Bucket) is { } customerData
            ? new OpenKeys(customerData, null)
            : await keyring.OpenAsync(upload.Object, customerKey: null, incoming.Bucket, upload.Key, incoming.Caller, cancellationToken).ConfigureAwait(false);

        var token = RandomNumberGenerator.GetHexString(TokenDigits, lowercase: true);
        var body = await writer.WriteAsync(
            new(incoming.Plaintext, incoming.Length, incoming.Digests, keys, upload.Object.Description.Id, number),
            Manifest.BlobOf(upload.Folder, number, token), new(upload.Bucket, upload.Key), cancellationToken).ConfigureAwait(false);

        var part = new UploadedPart(number, body.Length, body.ETagIn(upload.Object.Description.Mode), body.PartChecksum.Value, time.GetUtcNow(), token, body.Streams);
        await uploads.PutPartAsync(upload.Id, part, cancellationToken).ConfigureAwait(false);
        return (part, body);
    }
}
