using System.Text.Json.Nodes;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;

namespace Serverless.Objects.Operations;

/// <summary>
/// GetBucketVersioning and PutBucketVersioning (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html). There is no MFA delete: whoever asks for it is refused, as is on AWS who
/// has no MFA device.
/// </summary>
public sealed class BucketVersioningOperations(BucketChanges changes)
{
    private const string Root = "VersioningConfiguration";
    private const string Status = "Status";
    private const string MfaDelete = "MfaDelete";
    private const string MfaHeader = "x-amz-mfa";
    private const int MaxSize = 64 * 1024;

    private static readonly S3Error Illegal = new("IllegalVersioningConfigurationException", 400, "The Versioning element must be specified");

    private static readonly S3Error MfaNeeded = S3Errors.AccessDenied with { Message = "Mfa Authentication must be used for this request, and this account has no MFA device" };

    public static Task GetAsync(S3Request request, Bucket bucket) => S3Xml.WriteAsync(request.Response,
        S3Xml.Element(Root, bucket.HasVersions ? S3Xml.Element(Status, bucket.Versioning.ToString()) : null), request.Aborted);

    public async Task PutAsync(BucketChange change, Bucket bucket)
    {
        var body = await DocumentBody.ReadAsync(change.Request, MaxSize, S3Errors.MalformedXml).ConfigureAwait(false);
        var versioning = Read(body, change);
        if (change.Request.Header(MfaHeader) is not null) throw new S3Exception(MfaNeeded);
        await changes.ApplyAsync(change, bucket, current => current with { Versioning = versioning }).ConfigureAwait(false);
    }

    /// <summary>Each element at most once, in any namespace, and nothing around the values, as S3 takes it.</summary>
    /// <exception cref="S3Exception">MalformedXML, IllegalVersioningConfigurationException; AccessDenied for MFA delete.</exception>
    private static BucketVersioning Read(ReadOnlyMemory<byte> body, BucketChange change)
    {
        var document = S3Xml.Parse(body) ?? throw new S3Exception(S3Errors.MissingRequestBody);
        if (document.Name.LocalName != Root) throw new S3Exception(S3Errors.MalformedXml);
        var members = S3Xml.Members(document, Status, MfaDelete);
        var (status, mfaDelete) = (S3Xml.OptionalText(members, Status), S3Xml.OptionalText(members, MfaDelete));
        if (mfaDelete is not (null or "" or "Enabled" or "Disabled")) throw new S3Exception(S3Errors.MalformedXml);
        BucketVersioning? versioning = status switch
        {
            null or "" => throw new S3Exception(Illegal),
            nameof(BucketVersioning.Enabled) => BucketVersioning.Enabled,
            nameof(BucketVersioning.Suspended) => BucketVersioning.Suspended,
            _ => throw new S3Exception(S3Errors.MalformedXml),
        };
        var described = new JsonObject { [Status] = status };
        if (!string.IsNullOrEmpty(mfaDelete)) described[MfaDelete] = mfaDelete;
        change.Parameters[Root] = described;
        return mfaDelete == nameof(BucketVersioning.Enabled) ? throw new S3Exception(MfaNeeded) : versioning.Value;
    }
}
