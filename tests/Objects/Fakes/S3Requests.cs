using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Access.Tests;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tests;

/// <summary>Requests as the S3 API gets them: authenticated, or anonymous.</summary>
internal static class S3Requests
{
    public static readonly DateTimeOffset Now = SigningClient.ExampleTime;

    /// <summary>The account that signs and owns everything.</summary>
    public const string Account = "123456789012";

    public static readonly Principal Root = Principal.Root(Account, SigningClient.ExampleKeyId);

    public static readonly Principal User = new(PrincipalType.IAMUser, $"arn:aws:iam::{Account}:user/alice", Account, "alice", SigningClient.ExampleKeyId);

    /// <param name="sign">Signs the request; null leaves it anonymous.</param>
    public static async Task<S3Request> OfAsync(
        string method, string path, string query = "", (string, string)[]? headers = null, byte[]? body = null, bool secure = false,
        Action<TestRequest>? sign = null, Principal? principal = null, Policy? policy = null)
    {
        var request = new TestRequest(method, path) { RawQuery = query, Body = body ?? [] };
        foreach (var (name, value) in headers ?? []) request.Headers[name] = value;
        sign?.Invoke(request);
        var context = request.ToContext();
        if (secure) context.Request.Scheme = "https";
        var authenticator = new RequestAuthenticator(new OneCredential(principal ?? Root, policy is null ? [] : [policy]), Options.Create(new AccessOptions()), new FakeTimeProvider(Now));
        var signed = await authenticator.AuthenticateAsync(context, "request-id", default);
        var (bucket, key) = ObjectKey.SplitPath(signed.Target.RawPath);
        return new(context, signed, signed.OpenPayload(), bucket, key);
    }

    /// <summary>A request with a signed Authorization header.</summary>
    public static Task<S3Request> SignedAsync(
        string method, string path, string query = "", (string, string)[]? headers = null, byte[]? body = null, bool secure = false, Principal? principal = null, Policy? policy = null) =>
        OfAsync(method, path, query, headers, body, secure, new SigningClient().SignWithoutPayload, principal, policy);

    private sealed class OneCredential(Principal principal, IReadOnlyList<Policy> policies) : ICredentials
    {
        public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) => new(new Credential(principal, SigningClient.ExampleSecret) { Policies = policies });
    }
}
