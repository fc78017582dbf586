using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Encryption;
using Serverless.Keys;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Api;

/// <summary>What S3 answers to whatever goes wrong: one table.</summary>
internal static class S3Failures
{
    /// <param name="failure">What went wrong.</param>
    /// <param name="request">The request that it went wrong in.</param>
    public static S3Error ErrorOf(Exception failure, HttpRequest request) => failure switch
    {
        S3Exception e => e.Error,
        AccessException e when e.Error.Code is "InvalidRequest" && request.Headers[SseHeaders.Algorithm].ToString().StartsWith(SseHeaders.AwsKms, StringComparison.Ordinal)
            => SseErrors.SignatureV4Needed,
        AccessException e => new(e.Error.Code, e.Error.Status, e.Error.Message) { Fields = e.Error.Fields },
        // S3 answers KMS's refusals with 400 under a prefixed code (recorded), but not a missing permission.
        KmsException { Error.Status: >= 500 } => S3Errors.ServiceUnavailable,
        KmsException { Error.Code: "AccessDeniedException" } e => S3Errors.AccessDenied with { Message = e.Error.Message },
        KmsException e => new($"KMS.{e.Error.Code}", StatusCodes.Status400BadRequest, e.Error.Message),
        RetiredVersionException e => S3Errors.KeyVersionRetired(e.Message),
        BucketGoneException => S3Errors.NoSuchBucket(""),
        AuditUnavailableException or StoreUnavailableException or RootKeyUnavailableException => S3Errors.ServiceUnavailable,
        BadHttpRequestException e => new("InvalidRequest", e.StatusCode, "The request is not well-formed HTTP."),
        CorruptDataException or DataKeyException or _ => S3Errors.InternalError,
    };
}
