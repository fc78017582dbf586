using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Objects.Api;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>Answers a conditional read whose conditions do not hold.</summary>
internal static class ReadConditions
{
    /// <summary>True when the answer, 304 without a body, is complete.</summary>
    /// <exception cref="S3Exception">PreconditionFailed.</exception>
    public static bool Answer(S3Request request, ObjectDescription description)
    {
        switch (Preconditions.Read(request.Headers).JudgeRead(description.ETag, description.LastModified, out var failed))
        {
            case PreconditionOutcome.Failed:
                throw new S3Exception(S3Errors.PreconditionFailed(failed!));
            case PreconditionOutcome.NotModified:
                request.Response.StatusCode = StatusCodes.Status304NotModified;
                request.Response.Headers.ETag = $"\"{description.ETag}\"";
                request.Response.Headers.LastModified = HeaderUtilities.FormatDate(description.LastModified);
                return true;
            default:
                return false;
        }
    }
}
