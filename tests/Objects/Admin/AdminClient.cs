using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Access.Tests;
using Serverless.Keys.Tests;
using Serverless.Objects.Admin;

namespace Serverless.Objects.Tests.Admin;

/// <summary>A client of the admin API: signs a request, has the signature verified by the service's own authenticator, and hands it to the endpoint.</summary>
internal sealed class AdminClient(World world, params IEnumerable<IAdminOperation> operations)
{
    public const string RequestId = "0123456789ABCDEF";

    private readonly AdminEndpoint endpoint = new(operations, TrailOf(world), Identity, world.Time, NullLogger<AdminEndpoint>.Instance);

    public Principal? Signer { get; init; } = World.Root.Principal;

    /// <summary>The signer's own policies.</summary>
    public IReadOnlyList<Policy> Policies { get; init; } = [];

    public string Region { get; init; } = World.Region;

    public string Service { get; init; } = "sse";

    private static ServiceIdentity Identity { get; } = new() { Region = World.Region, AccountId = World.Account };

    public static AdminTrail TrailOf(World world) => new(world.Trail, Identity, world.Time);

    /// <summary>Calls and expects success.</summary>
    public async Task<JsonObject> AnswerAsync(string operation, string body = "{}")
    {
        var (status, answer) = await CallAsync(operation, body);
        Assert.True(status == StatusCodes.Status200OK, answer.ToJsonString());
        return answer;
    }

    /// <summary>Calls and expects a refusal.</summary>
    /// <returns>Its message.</returns>
    public async Task<string> RefusalAsync(int status, string code, string operation, string body = "{}")
    {
        var (actual, answer) = await CallAsync(operation, body);
        Assert.Equal((status, code), (actual, (string?)answer["__type"]));
        var message = (string)answer["message"]!;
        Assert.NotEmpty(message);
        return message;
    }

    public async Task<(int Status, JsonObject Answer)> CallAsync(string operation, string body = "{}")
    {
        var request = new TestRequest("POST", "/") { Body = Encoding.UTF8.GetBytes(body) };
        request.Headers["X-Amz-Target"] = AdminEndpoint.TargetPrefix + operation;
        request.Headers["x-amz-content-sha256"] = SigningClient.Hash(request.Body);
        if (Signer is not null) new SigningClient { Now = world.Time.GetUtcNow(), Region = Region, Service = Service }.Sign(request, SigningClient.Hash(request.Body));
        var context = request.ToContext();
        var answer = new MemoryStream();
        context.Response.Body = answer;
        using var credential = new Credential(Signer ?? Principal.Anonymous, SigningClient.ExampleSecret) { Policies = Policies };
        var authenticator = new RequestAuthenticator(new OneCredential(credential), Options.Create(new AccessOptions()), world.Time);

        await endpoint.HandleAsync(context, await authenticator.AuthenticateAsync(context, RequestId, default), default);

        Assert.Equal("application/x-amz-json-1.1", context.Response.ContentType);
        Assert.Equal(RequestId, context.Response.Headers["x-amzn-RequestId"]);
        Assert.Equal(answer.Length, context.Response.ContentLength);
        return (context.Response.StatusCode, JsonNode.Parse(answer.ToArray())!.AsObject());
    }

    private sealed class OneCredential(Credential credential) : ICredentials
    {
        public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) => new(credential);
    }
}
