using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.Access.Tests;

/// <summary>A request as a server would hand it over, and the shortest way from it to an answer.</summary>
internal sealed class TestRequest(string method, string rawPath)
{
    public string Method { get; } = method;
    public string RawPath { get; set; } = rawPath;
    public string RawQuery { get; set; } = "";
    public IHeaderDictionary Headers { get; } = new HeaderDictionary { ["Host"] = "s3.amazonaws.com" };
    public byte[] Body { get; set; } = [];

    /// <summary>Into how large pieces the body falls on its way, in turn; all at once where there is none.</summary>
    public IReadOnlyList<int> Pieces { get; set; } = [];

    /// <summary>What the server throws after the body's bytes, in place of its end.</summary>
    public Exception? Failure { get; set; }

    /// <summary>A GET signed by the examples' key, without body.</summary>
    public static TestRequest Signed(string rawPath = "/bucket/key")
    {
        var request = new TestRequest("GET", rawPath);
        new SigningClient().SignWithoutPayload(request);
        return request;
    }

    public void ReplaceInAuthorization(string part, string replacement) =>
        Headers.Authorization = Headers.Authorization.ToString().Replace(part, replacement, StringComparison.Ordinal);

    public DefaultHttpContext ToContext()
    {
        var context = new DefaultHttpContext();
        var feature = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        feature.Method = Method;
        feature.RawTarget = RawQuery.Length == 0 ? RawPath : $"{RawPath}?{RawQuery}";
        foreach (var header in Headers)
        {
            context.Request.Headers[header.Key] = header.Value;
        }
        context.Features.Set<IRequestBodyPipeFeature>(new BodyFeature(PipeReader.Create(new PiecewiseStream(Body, Pieces, Failure))));
        return context;
    }

    public async Task<SignedRequest> AuthenticateAsync(DateTimeOffset? now = null, AccessOptions? options = null)
    {
        var authenticator = Authenticator(now, options);
        return await authenticator.AuthenticateAsync(ToContext(), "request-id", default);
    }

    public async Task<AccessError> RefusalAsync(DateTimeOffset? now = null) =>
        (await Assert.ThrowsAsync<AccessException>(() => AuthenticateAsync(now))).Error;

    /// <summary>Reads the payload to its verified end.</summary>
    public async Task<byte[]> ReadAsync(Action<Payload>? atEnd = null)
    {
        using var payload = (await AuthenticateAsync()).OpenPayload();
        return await ReadToEndAsync(payload, atEnd);
    }

    public async Task<AccessError> ReadingRefusalAsync() => (await Assert.ThrowsAsync<AccessException>(() => ReadAsync())).Error;

    public static async Task<byte[]> ReadToEndAsync(Payload payload, Action<Payload>? atEnd = null)
    {
        using var data = new MemoryStream();
        for (var piece = await payload.ReadAsync(default); !piece.IsEmpty; piece = await payload.ReadAsync(default))
        {
            data.Write(piece.Span);
        }
        atEnd?.Invoke(payload);
        return data.ToArray();
    }

    /// <summary>An authenticator that knows the examples' key.</summary>
    public static RequestAuthenticator Authenticator(DateTimeOffset? now = null, AccessOptions? options = null) =>
        new(new RootCredentials(
                Options.Create(new AccessOptions { RootAccessKeyId = SigningClient.ExampleKeyId, RootSecretAccessKey = SigningClient.ExampleSecret }),
                new ServiceIdentity { AccountId = "123456789012" }),
            Options.Create(options ?? new AccessOptions()), new FakeTimeProvider(now ?? SigningClient.ExampleTime));

    private sealed class BodyFeature(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader { get; } = reader;
    }

    private sealed class PiecewiseStream(byte[] bytes, IReadOnlyList<int> pieces, Exception? failure) : MemoryStream(bytes)
    {
        private int reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var limit = pieces.Count == 0 ? buffer.Length : Math.Min(buffer.Length, Math.Max(1, pieces[reads++ % pieces.Count]));
            var count = Read(buffer.Span[..limit]);
            return count == 0 && failure is not null ? throw failure : new(count);
        }
    }
}

internal static class AccessErrorFields
{
    public static string? Field(this AccessError error, string name) => error.Fields.FirstOrDefault(field => field.Key == name).Value;
}
