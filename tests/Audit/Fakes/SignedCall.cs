using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Serverless.Access;

namespace Serverless.Audit.Tests.Fakes;

/// <summary>Makes requests as an AWS SDK signs them and lets the real authenticator read them.</summary>
internal static class SignedCall
{
    public const string LookupEvents = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";

    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    /// <summary>A request by that principal, or an anonymous one.</summary>
    public static async Task<(HttpContext Context, SignedRequest Request)> MakeAsync(
        string body, TimeProvider time, Principal? principal, string target = LookupEvents, string service = "cloudtrail", string region = "eu-west-1",
        IReadOnlyList<Policy>? policies = null)
    {
        var context = new DefaultHttpContext();
        var request = context.Request;
        var bytes = Encoding.UTF8.GetBytes(body);
        request.Method = "POST";
        request.Path = "/";
        request.Body = new MemoryStream(bytes);
        request.ContentLength = bytes.Length;
        request.Headers.Host = "localhost";
        request.Headers["X-Amz-Target"] = target;
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/";
        context.Response.Body = new MemoryStream();
        if (principal is not null) Sign(request, bytes, time.GetUtcNow(), principal, service, region);

        var authenticator = new RequestAuthenticator(new OneCredential(principal, policies ?? []), Options.Create(new AccessOptions()), time);
        return (context, await authenticator.AuthenticateAsync(context, "request-1", CancellationToken.None));
    }

    /// <summary>https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html</summary>
    private static void Sign(HttpRequest request, byte[] body, DateTimeOffset now, Principal principal, string service, string region)
    {
        var date = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var hash = Convert.ToHexStringLower(SHA256.HashData(body));
        request.Headers["x-amz-date"] = date;
        request.Headers["x-amz-content-sha256"] = hash;
        string[] names = ["host", "x-amz-content-sha256", "x-amz-date", "x-amz-target"];
        var signed = string.Join(';', names);
        var canonical = $"POST\n/\n\n{string.Concat(names.Select(name => $"{name}:{request.Headers[name]}\n"))}\n{signed}\n{hash}";
        var scope = $"{date[..8]}/{region}/{service}/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + Secret), (derived, part) => HMACSHA256.HashData(derived, Encoding.UTF8.GetBytes(part)));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        request.Headers.Authorization = $"AWS4-HMAC-SHA256 Credential={principal.AccessKeyId}/{scope}, SignedHeaders={signed}, Signature={signature}";
    }

    private sealed class OneCredential(Principal? principal, IReadOnlyList<Policy> policies) : ICredentials
    {
        public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) =>
            new(principal is null ? null : new Credential(principal, Secret) { Policies = policies });
    }
}
