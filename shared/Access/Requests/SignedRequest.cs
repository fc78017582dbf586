using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>A request whose signature is verified, or that has none.</summary>
public sealed partial class SignedRequest
{
    private readonly HttpRequest request;
    private readonly PayloadKind kind;
    private readonly ChunkSigner? signer;
    private bool opened;

    internal SignedRequest(HttpRequest request, Caller caller, RequestTarget target, SignatureClaim? claim, string contentSha256, PayloadKind kind, ChunkSigner? signer)
    {
        this.request = request;
        this.kind = kind;
        this.signer = signer;
        Caller = caller;
        Target = target;
        ContentSha256 = contentSha256;
        IsAnonymous = claim is null;
        IsPresigned = claim is { IsPresigned: true };
        SignedAt = claim?.SignedAt;
        Region = claim?.Scope.Region ?? "";
        Service = claim?.Scope.Service ?? "s3";
    }

    private SignedRequest(SignedRequest carrier, Caller caller, CredentialScope scope, DateTimeOffset signedAt)
    {
        (request, kind, opened) = (carrier.request, carrier.kind, true);
        (Caller, Target, ContentSha256) = (caller, carrier.Target, carrier.ContentSha256);
        (IsForm, SignedAt, Region, Service) = (true, signedAt, scope.Region, scope.Service);
    }

    public Caller Caller { get; }

    /// <summary>The Region that the request is signed for, which the API judges (<see cref="AccessErrors.WrongRegion"/>); "" for an anonymous one.</summary>
    public string Region { get; }

    /// <summary>The service that the request is signed for: s3, kms, cloudtrail, iam, sts or sse, which the API judges; s3 for an anonymous one.</summary>
    public string Service { get; }

    /// <summary>The target that the signature covers.</summary>
    public RequestTarget Target { get; }

    public bool IsAnonymous { get; }

    public bool IsPresigned { get; }

    /// <summary>Whether the policy in a form is signed, rather than the request that carries it.</summary>
    public bool IsForm { get; }

    /// <summary>When the request says that it was signed; null for an anonymous one.</summary>
    public DateTimeOffset? SignedAt { get; }

    /// <summary>
    /// What is said of the body: <c>x-amz-content-sha256</c> as sent, UNSIGNED-PAYLOAD where S3 lets it be left out,
    /// and for the other services the body's SHA-256, computed.
    /// </summary>
    public string ContentSha256 { get; }

    /// <summary>Whether the Region is a possible name of one: it goes into ARNs and the stores' keys, whichever it is.</summary>
    public bool HasRegionName => RegionName().IsMatch(Region);

    /// <summary>The same request, whose body was opened to read the form in it, as that of whoever signed the form's policy.</summary>
    internal SignedRequest SignedByForm(Principal principal, IReadOnlyList<Policy> policies, CredentialScope scope, DateTimeOffset signedAt) =>
        new(this, Caller with { Principal = principal, Policies = policies }, scope, signedAt);

    /// <summary>The whole of a small body, read to its end: only then is it known to be the one that was signed.</summary>
    /// <exception cref="AccessException">EntityTooLarge; or what <see cref="OpenPayload"/> and reading find.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(int maxSize, CancellationToken cancellationToken)
    {
        using var payload = OpenPayload();
        var body = new ArrayBufferWriter<byte>();
        while (await payload.ReadAsync(cancellationToken) is { IsEmpty: false } piece)
        {
            if (piece.Length > maxSize - body.WrittenCount)
            {
                throw new AccessException(AccessErrors.EntityTooLarge);
            }
            body.Write(piece.Span);
        }
        return body.WrittenMemory;
    }

    /// <summary>Opens the body, once.</summary>
    /// <exception cref="AccessException">MissingContentLength: aws-chunked without its decoded length; MalformedTrailerError: trailers announced where they have no place.</exception>
    public Payload OpenPayload()
    {
        if (opened)
        {
            throw new InvalidOperationException("The payload was opened before.");
        }
        opened = true;
        var announced = request.Headers["x-amz-trailer"].ToString();
        var hasTrailers = kind is PayloadKind.UnsignedTrailer or PayloadKind.SignedTrailer;
        if (announced.Length > 0 && !hasTrailers)
        {
            throw new AccessException(AccessErrors.MalformedTrailer);
        }
        if (kind is PayloadKind.Unsigned or PayloadKind.Hashed)
        {
            return new PlainPayload(new BodyReader(request.BodyReader), request.ContentLength, kind == PayloadKind.Hashed ? ContentSha256 : null);
        }
        return long.TryParse(request.Headers["x-amz-decoded-content-length"], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? new ChunkedPayload(new BodyReader(request.BodyReader), length, new Trailers(announced, kind == PayloadKind.SignedTrailer), signer)
            : throw new AccessException(AccessErrors.MissingContentLength);
    }

    [GeneratedRegex(@"^[a-z0-9-]{1,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RegionName();
}
