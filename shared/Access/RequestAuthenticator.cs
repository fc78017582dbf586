using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Serverless.Access;

/// <summary>Finds out who signed a request, by the Authorization header or the query, and that nothing signed was changed.</summary>
public sealed class RequestAuthenticator(ICredentials credentials, IOptions<AccessOptions> options, TimeProvider time)
{
    private readonly RawTargetSource source = options.Value.RawTarget;

    /// <summary>
    /// Authenticates a request. Region and service are not judged here, and an anonymous request is not refused: that is the API's part.
    /// The order of the checks is S3's: form, access key, signed headers, signature, time.
    /// </summary>
    /// <exception cref="AccessException">The request is malformed or its signature is not valid.</exception>
    public async ValueTask<SignedRequest> AuthenticateAsync(HttpContext context, string requestId, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var targets = RequestTargets.Of(request, source);
        var claim = ReadClaim(request, targets[0].Query);
        if (claim is null)
        {
            return Anonymous(request, targets[0], requestId);
        }
        using var credential = await credentials.FindAsync(claim.Scope.AccessKeyId, cancellationToken)
            ?? throw new AccessException(AccessErrors.InvalidAccessKeyId(claim.Scope.AccessKeyId));
        RequireNoSessionToken(request, targets[0].Query);
        RequireSignedHeaders(request, claim);
        // Only S3 takes the client's word for the body's hash, since it verifies it while reading; the others' bodies are small.
        var isS3 = claim.Scope.Service == "s3";
        var content = isS3 ? ReadContentSha256(request, claim, targets[0].Query) : await BodyHash.ComputeAsync(request.BodyReader, cancellationToken);
        var kind = isS3 ? ContentSha256.Kind(content) : PayloadKind.Hashed;
        var signedHash = isS3 && claim.IsPresigned && !claim.Signs(ContentSha256.Header) ? PresignedHash(targets[0].Query) : content;
        var (target, signer) = Verify(request, claim, credential, targets, signedHash, kind);
        if (claim.Refusal(time.GetUtcNow()) is { } refusal)
        {
            throw new AccessException(refusal);
        }
        return new(request, CallerOf(request, credential.Principal, credential.Policies, requestId), target, claim, content, kind, signer);
    }

    /// <summary>What a request is for, whoever makes it; where a target can be read in several ways, the likeliest.</summary>
    /// <exception cref="AccessException">InvalidURI.</exception>
    public RequestTarget TargetOf(HttpRequest request) => RequestTargets.Of(request, source)[0];

    /// <summary>The same; null where it is malformed.</summary>
    public RequestTarget? TryTargetOf(HttpRequest request)
    {
        try
        {
            return TargetOf(request);
        }
        catch (AccessException)
        {
            return null;
        }
    }

    /// <summary>Whom a request that could not be authenticated names, and the caller that it may be, of whom nothing is verified; null where it names nobody.</summary>
    public (ClaimedCredential Credential, Caller Caller)? ClaimOf(HttpRequest request, string requestId)
    {
        return ClaimedCredential.Of(request.Headers, TryTargetOf(request)?.Query) is { } claim
            ? (claim, CallerOf(request, Principal.Unverified(claim.AccessKeyId), [], requestId))
            : null;
    }

    private static SignatureClaim? ReadClaim(HttpRequest request, QueryParameters query)
    {
        var authorization = request.Headers.Authorization.ToString();
        var (isSigned, isSignedV2) = (PresignedQuery.IsSigned(query), PresignedQuery.IsSignedV2(query));
        if ((authorization.Length > 0 && (isSigned || isSignedV2)) || (isSigned && isSignedV2))
        {
            throw new AccessException(AccessErrors.MultipleMechanisms);
        }
        return isSignedV2 ? throw new AccessException(AccessErrors.UnsupportedSignature)
            : isSigned ? PresignedQuery.Parse(query)
            : authorization.Length > 0 ? AuthorizationHeader.Parse(authorization, request.Headers)
            : null;
    }

    private SignedRequest Anonymous(HttpRequest request, RequestTarget target, string requestId)
    {
        var content = request.Headers[ContentSha256.Header] is [{ Length: > 0 } sent] ? sent : ContentSha256.Unsigned;
        var kind = ContentSha256.Kind(content);
        return kind is PayloadKind.SignedChunks or PayloadKind.SignedTrailer
            ? throw new AccessException(AccessErrors.AccessDenied)
            : new(request, CallerOf(request, Principal.Anonymous, [], requestId), target, null, content, kind, null);
    }

    private Caller CallerOf(HttpRequest request, Principal principal, IReadOnlyList<Policy> policies, string requestId) => new(
        principal, requestId, RequestOrigin.SourceAddress(request, source),
        request.Headers.UserAgent is [{ } agent, ..] ? agent : null, RequestOrigin.IsSecureTransport(request, source))
    {
        Policies = policies,
        Tls = RequestOrigin.Tls(request, source),
        Referer = request.Headers.Referer is [{ } referer, ..] ? referer : null,
    };

    private static void RequireNoSessionToken(HttpRequest request, QueryParameters query)
    {
        if (request.Headers.ContainsKey("x-amz-security-token") || query.TryGet("X-Amz-Security-Token", StringComparison.OrdinalIgnoreCase, out _))
        {
            throw new AccessException(AccessErrors.InvalidToken);
        }
    }

    // x-amz-content-sha256 need not be among the signed headers: its value is the canonical request's last line.
    private static void RequireSignedHeaders(HttpRequest request, SignatureClaim claim)
    {
        List<string>? unsigned = claim.Signs("host") ? null : ["host"];
        foreach (var header in request.Headers)
        {
            if (header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
                && !header.Key.Equals(ContentSha256.Header, StringComparison.OrdinalIgnoreCase)
                && !claim.Signs(header.Key))
            {
                (unsigned ??= []).Add(header.Key.ToLowerInvariant());
            }
        }
        if (unsigned is not null)
        {
            throw new AccessException(AccessErrors.HeadersNotSigned(string.Join(", ", unsigned)));
        }
    }

    private static string ReadContentSha256(HttpRequest request, SignatureClaim claim, QueryParameters query)
    {
        var sent = request.Headers[ContentSha256.Header].ToString();
        return sent.Length > 0 ? sent
            : claim.IsPresigned ? PresignedHash(query)
            : throw new AccessException(AccessErrors.MissingContentSha256);
    }

    // A presigned URL covers no body unless it says so: by a signed header, or as some clients do by a parameter.
    private static string PresignedHash(QueryParameters query) =>
        query.TryGet(ContentSha256.Header, StringComparison.OrdinalIgnoreCase, out var hash) ? hash : ContentSha256.Unsigned;

    private (RequestTarget Target, ChunkSigner? Signer) Verify(
        HttpRequest request, SignatureClaim claim, Credential credential, RequestTarget[] targets, string payloadHash, PayloadKind kind)
    {
        Span<byte> key = stackalloc byte[SigV4.KeySize];
        Span<byte> stringToSign = stackalloc byte[SigV4.MaxStringToSign];
        Span<byte> signature = stackalloc byte[SigV4.HexSize];
        var style = claim.Scope.Service == "s3" ? PathStyle.AsSent : PathStyle.Normalized;
        credential.DeriveKey(claim.Scope, key);
        try
        {
            AccessError? mismatch = null;
            foreach (var target in targets)
            {
                using var canonical = new PooledBytes(1024);
                CanonicalRequest.Write(canonical, request.Method, target, request.Headers, claim.SignedHeaders, payloadHash, style);
                var signed = stringToSign[..SigV4.WriteStringToSign(claim.Timestamp, claim.Scope, canonical.Written, stringToSign)];
                SigV4.Sign(key, signed, signature);
                if (SigV4.Matches(signature, claim.Signature))
                {
                    credential.Verified(claim.Scope, key);
                    return (target, NewSigner(request.HttpContext, key, claim, signature, kind));
                }
                mismatch ??= AccessErrors.SignatureDoesNotMatch(
                    claim.Scope.AccessKeyId, signed, claim.Signature, CarriesCustomerKey(request) ? default : canonical.Written);
            }
            throw new AccessException(mismatch!);
        }
        finally
        {
            key.Clear();
        }
    }

    private static ChunkSigner? NewSigner(HttpContext context, ReadOnlySpan<byte> key, SignatureClaim claim, ReadOnlySpan<byte> seed, PayloadKind kind)
    {
        if (kind is not (PayloadKind.SignedChunks or PayloadKind.SignedTrailer))
        {
            return null;
        }
        var signer = new ChunkSigner(key, claim, seed);
        // Wipes the key also where the payload is never opened.
        context.Response.RegisterForDispose(signer);
        return signer;
    }

    // Such a key would be in the canonical request, and from there in whatever records the error.
    private static bool CarriesCustomerKey(HttpRequest request) =>
        request.Headers.ContainsKey("x-amz-server-side-encryption-customer-key")
        || request.Headers.ContainsKey("x-amz-copy-source-server-side-encryption-customer-key");
}
