using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Serverless.Objects.Api;

/// <summary>What a conditional request finds.</summary>
public enum PreconditionOutcome { Proceed, NotModified, Failed }

/// <summary>
/// The conditions of a request, judged with S3's precedence
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html): a true If-Match outweighs a false If-Unmodified-Since,
/// a false If-None-Match outweighs a true If-Modified-Since. Dates have a resolution of seconds.
/// </summary>
public sealed record Preconditions(string? IfMatch, string? IfNoneMatch, DateTimeOffset? IfModifiedSince, DateTimeOffset? IfUnmodifiedSince)
{
    private const string CopySourcePrefix = CopySource.Header + "-";

    public static Preconditions Read(IHeaderDictionary headers) => Read(headers, "");

    /// <summary>A copy's conditions on its source, <c>x-amz-copy-source-if-…</c>.</summary>
    public static Preconditions ReadCopySource(IHeaderDictionary headers) => Read(headers, CopySourcePrefix);

    /// <summary>A deletion's only condition: the ETag that the object must have, or <c>*</c>; null for none.</summary>
    public static Preconditions OfDeletion(string? ifMatch) => new(ifMatch, IfNoneMatch: null, IfModifiedSince: null, IfUnmodifiedSince: null);

    /// <summary>Judges a read of an object that exists. <paramref name="failed"/> names the header that did not hold.</summary>
    public PreconditionOutcome JudgeRead(string etag, DateTimeOffset lastModified, out string? failed)
    {
        failed = null;
        var modified = DateTimeOffset.FromUnixTimeSeconds(lastModified.ToUnixTimeSeconds());
        if (IfMatch is not null && !Matches(IfMatch, etag)) failed = HeaderNames.IfMatch;
        else if (IfMatch is null && modified > IfUnmodifiedSince) failed = HeaderNames.IfUnmodifiedSince;
        if (failed is not null) return PreconditionOutcome.Failed;

        if (IfNoneMatch is not null) return Matches(IfNoneMatch, etag) ? PreconditionOutcome.NotModified : PreconditionOutcome.Proceed;
        return modified <= IfModifiedSince ? PreconditionOutcome.NotModified : PreconditionOutcome.Proceed;
    }

    /// <summary>
    /// Judges a copy's source, with a read's precedence; a condition that does not hold is always a failure (API_CopyObject.html). A date in the future is no
    /// condition to have been modified since then (recorded of UploadPartCopy).
    /// </summary>
    public S3Error? JudgeCopySource(string etag, DateTimeOffset lastModified, DateTimeOffset now)
    {
        var conditions = IfModifiedSince > now ? this with { IfModifiedSince = null } : this;
        return conditions.JudgeRead(etag, lastModified, out var failed) switch
        {
            PreconditionOutcome.Proceed => null,
            PreconditionOutcome.Failed => S3Errors.PreconditionFailed(CopySourcePrefix + failed),
            _ => S3Errors.PreconditionFailed(CopySourcePrefix + (IfNoneMatch is null ? HeaderNames.IfModifiedSince : HeaderNames.IfNoneMatch)),
        };
    }

    /// <summary>Refuses the conditions that S3 knows but does not take on a write, whatever the object's state; null where there is none.</summary>
    public S3Error? JudgeWriteForm()
    {
        if (IfMatch is not null && IfNoneMatch is not null)
        {
            return S3Errors.HeaderNotImplemented($"{HeaderNames.IfMatch},{HeaderNames.IfNoneMatch}")
                .With("additionalMessage", "Multiple conditional request headers present in the request");
        }
        if (IfMatch is "*") return NotAccepted(HeaderNames.IfMatch);
        return IfNoneMatch is null or "*" ? null : NotAccepted(HeaderNames.IfNoneMatch);
    }

    /// <summary>
    /// Judges a write (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html): If-None-Match takes only <c>*</c>,
    /// If-Match only an ETag; the date conditions do not apply.
    /// </summary>
    /// <param name="existingETag">The ETag of the object that the write would replace, or null.</param>
    /// <param name="key">The key, for the error that names it.</param>
    public S3Error? JudgeWrite(string? existingETag, string key)
    {
        if (IfNoneMatch is not null) return existingETag is null ? null : S3Errors.PreconditionFailed(HeaderNames.IfNoneMatch);
        if (IfMatch is null) return null;
        if (existingETag is null) return S3Errors.NoSuchKey(key);
        return Matches(IfMatch, existingETag) ? null : S3Errors.PreconditionFailed(HeaderNames.IfMatch);
    }

    /// <summary>Whether a write carries any condition, so that losing a race must be told rather than retried.</summary>
    public bool ConditionsWrite => IfMatch is not null || IfNoneMatch is not null;

    private static Preconditions Read(IHeaderDictionary headers, string prefix) => new(
        Text(headers, prefix + HeaderNames.IfMatch), Text(headers, prefix + HeaderNames.IfNoneMatch),
        Date(headers, prefix + HeaderNames.IfModifiedSince), Date(headers, prefix + HeaderNames.IfUnmodifiedSince));

    private static S3Error NotAccepted(string header) => S3Errors.HeaderNotImplemented(header)
        .With("additionalMessage", $"We don't accept the provided value of {header} header for this API");

    private static bool Matches(string list, string etag)
    {
        foreach (var range in list.AsSpan().Split(','))
        {
            var candidate = list.AsSpan(range).Trim();
            if (candidate is "*") return true;
            if (candidate.StartsWith("W/")) candidate = candidate[2..];
            if (candidate.Trim('"').SequenceEqual(etag)) return true;
        }
        return false;
    }

    private static string? Text(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var value) && value.Count > 0 ? value.ToString() : null;

    /// <summary>A date that does not parse is ignored (RFC 9110 section 13.1.3).</summary>
    private static DateTimeOffset? Date(IHeaderDictionary headers, string name) =>
        HeaderUtilities.TryParseDate(Text(headers, name), out var date) ? date : null;
}
