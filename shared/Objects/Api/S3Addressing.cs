using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Serverless.Access;

namespace Serverless.Objects.Api;

/// <summary>The bucket and the object that a request is for.</summary>
/// <param name="BucketName">The bucket's name; empty for the service itself.</param>
/// <param name="Key">The object's key; empty for a bucket.</param>
/// <param name="IsInHost">Whether the host names the bucket, rather than the path.</param>
public readonly record struct S3Address(string BucketName, string Key, bool IsInHost);

/// <summary>
/// Where a request names its bucket: in the path, or before a domain of the setting <c>S3__Domain</c> in the Host header
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html). Every signature covers that header, as it does the path.
/// </summary>
public sealed class S3Addressing
{
    private readonly RequestAuthenticator _authenticator;

    /// <summary>With a dot before each; the longest first, since one may end with another.</summary>
    private readonly string[] _suffixes;

    public S3Addressing(RequestAuthenticator authenticator, IOptions<S3Options> options)
    {
        _authenticator = authenticator;
        _suffixes = [.. options.Value.Domains.Select(domain => "." + domain.ToLowerInvariant()).OrderByDescending(suffix => suffix.Length)];
    }

    /// <summary>The bucket that the host names; null where it names none: that is the bare domain, and every host that is not under one.</summary>
    public string? BucketOf(HostString host)
    {
        if (_suffixes.Length == 0) return null;
        var name = host.Host.TrimEnd('.').ToLowerInvariant();
        foreach (var suffix in _suffixes)
        {
            // The bare domain is nobody's bucket, also where it is under another domain of the list.
            if (name.AsSpan().SequenceEqual(suffix.AsSpan(1))) return null;
            if (name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal)) return name[..^suffix.Length];
        }
        return null;
    }

    /// <exception cref="S3Exception">InvalidURI, KeyTooLongError.</exception>
    public S3Address Of(HttpRequest request, RequestTarget target)
    {
        if (BucketOf(request.Host) is { } inHost) return new(inHost, ObjectKey.OfPath(target.RawPath), true);
        var (bucket, key) = ObjectKey.SplitPath(target.RawPath);
        return new(bucket, key, false);
    }

    /// <summary>The address of a request whose signature has not been looked at.</summary>
    /// <exception cref="S3Exception">InvalidURI, KeyTooLongError.</exception>
    /// <exception cref="AccessException">InvalidURI.</exception>
    public S3Address Find(HttpRequest request) => Of(request, _authenticator.TargetOf(request));

    /// <summary>The same; null where there is none.</summary>
    public S3Address? TryFind(HttpRequest request)
    {
        try
        {
            return Find(request);
        }
        catch (Exception e) when (e is S3Exception or AccessException)
        {
            return null;
        }
    }
}
