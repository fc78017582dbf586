using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Access.Tests;

/// <summary>What only a real server does: raw targets, its own body pipe, and connections that break.</summary>
public sealed class KestrelTests : IAsyncLifetime
{
    private readonly RequestAuthenticator authenticator = TestRequest.Authenticator();
    private readonly WebApplication server;
    private readonly TaskCompletionSource<string> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public KestrelTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(options => options.Limits.MaxRequestBodySize = 1 << 20);
        server = builder.Build();
        server.Run(AnswerAsync);
    }

    public Task InitializeAsync() => server.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData("/bucket/a%2Fb/./..//%41%252F+%20")]
    [InlineData("http://s3.amazonaws.com/bucket/key")]
    public async Task The_target_is_the_one_on_the_wire(string target)
    {
        using var connection = await SendAsync($"GET {target} HTTP/1.1\r\nHost: s3.amazonaws.com\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal($"{RequestTarget.Parse(target).Path} 0", await AnswerOf());
    }

    [Fact]
    public async Task A_signed_upload_in_chunks_comes_through()
    {
        var upload = new ChunkedUpload(ChunkedUpload.SignedTrailer).ToRequest(new byte[200_000]);
        using var connection = await SendAsync(Head(upload) + $"Content-Length: {upload.Body.Length}\r\n\r\n", upload.Body);
        Assert.Equal("/bucket/key 200000", await AnswerOf());
    }

    [Fact]
    public async Task A_body_that_another_service_signs_is_read_again_from_the_pipe()
    {
        var request = new TestRequest("POST", "/") { Body = new byte[200_000] };
        new SigningClient { Service = "kms" }.Sign(request, SigningClient.Hash(request.Body));
        using var connection = await SendAsync(Head(request) + $"Content-Length: {request.Body.Length}\r\n\r\n", request.Body);
        Assert.Equal("/ 200000", await AnswerOf());
    }

    [Fact]
    public async Task A_client_that_leaves_early_is_an_incomplete_body()
    {
        using (await SendAsync("PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n", "abc"u8.ToArray()))
        {
        }
        Assert.Equal("IncompleteBody", await AnswerOf());
    }

    [Fact]
    public async Task A_body_larger_than_the_server_takes_is_refused_as_too_large()
    {
        using var connection = await SendAsync("PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
        Assert.Equal("EntityTooLarge", await AnswerOf());
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            var signed = await authenticator.AuthenticateAsync(context, "id", default);
            using var payload = signed.OpenPayload();
            var data = await TestRequest.ReadToEndAsync(payload);
            answer.TrySetResult($"{signed.Target.Path} {data.Length}");
        }
        catch (AccessException refused)
        {
            answer.TrySetResult(refused.Error.Code);
        }
        catch (Exception failure)
        {
            answer.TrySetException(failure);
            throw;
        }
    }

    private Task<string> AnswerOf() => answer.Task.WaitAsync(TimeSpan.FromSeconds(30));

    private async Task<Socket> SendAsync(string head, byte[]? body = null)
    {
        var address = server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(new Uri(address).Authority));
        await socket.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body ?? []]);
        return socket;
    }

    private static string Head(TestRequest request) =>
        $"{request.Method} {request.RawPath} HTTP/1.1\r\n" + string.Concat(request.Headers.Select(header => $"{header.Key}: {header.Value}\r\n"));
}
