using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Deployment.Tests.Worker.Protocol;

namespace Serverless.Deployment.Tests.Worker;

/// <summary>
/// Stands in for the Functions host, of which there is no package: it starts the published app as a worker, speaks the host's protocol with it (gRPC), hands it invocations, and passes HTTP
/// requests on to it as the host and Azure's front end before it do. It is no more than that: triggers do not fire by themselves.
/// </summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ConnectInterval = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, RpcFunctionMetadata> _functions = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _awaited = new();
    private readonly TaskCompletionSource<(Channel<StreamingMessage> Outgoing, string WorkerId)> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _log = new();
    private readonly HttpClient _toWorker = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectCallback = ConnectAsync });
    private readonly WebApplication _web;
    private Process? _worker;
    private Uri? _workerHttp;

    private FunctionsHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = int.MaxValue);
        builder.Services.AddSingleton(this);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _web = builder.Build();
        _web.MapGrpcService<Stream>();
        _web.MapFallback("{*path}", PassOnAsync);
    }

    /// <summary>Where HTTP requests go in.</summary>
    public Uri Http { get; private set; } = null!;

    /// <summary>When the worker's process was started, as <see cref="Stopwatch.GetTimestamp"/> says it.</summary>
    public long WorkerStartedAt { get; private set; }

    /// <summary>The processor time that the worker has used since.</summary>
    public TimeSpan WorkerProcessorTime => _worker!.TotalProcessorTime;

    /// <summary>The functions that the app has said it has.</summary>
    public IReadOnlyCollection<string> Functions => _functions.Keys;

    public static async Task<FunctionsHost> StartAsync(string appFolder, IReadOnlyDictionary<string, string> settings)
    {
        var host = new FunctionsHost();
        try
        {
            await host._web.StartAsync();
            var addresses = host._web.Urls.Select(url => new Uri(url)).ToList();
            host.Http = addresses[1];
            host.StartWorker(appFolder, addresses[0], settings);
            await host.InitializeAsync(appFolder);
            return host;
        }
        catch (Exception e)
        {
            await host.DisposeAsync();
            throw new InvalidOperationException($"The worker did not start: {e.Message}\n{host._log}", e);
        }
    }

    /// <summary>Invokes a function of a timer or a queue.</summary>
    /// <returns>What it failed with; null for a success.</returns>
    public async Task<string?> InvokeAsync(string function, string parameter, TypedData input)
    {
        var invocation = new InvocationRequest { InvocationId = Guid.NewGuid().ToString(), FunctionId = _functions[function].FunctionId, TraceContext = new(), RetryContext = new() };
        invocation.InputData.Add(new ParameterBinding { Name = parameter, Data = input });
        var answer = await AskAsync(new() { InvocationRequest = invocation }, invocation.InvocationId);
        return answer.InvocationResponse.Result is { Status: 1 } ? null : answer.InvocationResponse.Result.Exception?.Message ?? "It failed.";
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
        {
            if (!_worker.HasExited) _worker.Kill();
            await _worker.WaitForExitAsync();
            _worker.Dispose();
        }
        _toWorker.Dispose();
        await _web.DisposeAsync();
    }

    private void StartWorker(string appFolder, Uri rpc, IReadOnlyDictionary<string, string> settings)
    {
        var id = Guid.NewGuid().ToString();
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(appFolder, "Serverless.Functions.dll"), "--functions-uri", rpc.ToString(), "--functions-worker-id", id, "--functions-request-id", id,
            "--functions-grpc-max-message-length", "2147483647",
        ])
        {
            WorkingDirectory = appFolder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        start.Environment["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = appFolder;
        WorkerStartedAt = Stopwatch.GetTimestamp();
        _worker = Process.Start(start)!;
        _worker.OutputDataReceived += (_, line) => Append(line.Data);
        _worker.ErrorDataReceived += (_, line) => Append(line.Data);
        _worker.BeginOutputReadLine();
        _worker.BeginErrorReadLine();
    }

    private async Task InitializeAsync(string appFolder)
    {
        var ended = _worker!.WaitForExitAsync();
        if (await Task.WhenAny(_connected.Task, ended, Task.Delay(Patience)) != _connected.Task) throw new TimeoutException("It has not called.");

        var initialized = await AskAsync(
            new() { WorkerInitRequest = new() { HostVersion = "4.1048.0", WorkerDirectory = appFolder, FunctionAppDirectory = appFolder } }, nameof(WorkerInitResponse));
        Require(initialized.WorkerInitResponse.Result);
        _workerHttp = new Uri(initialized.WorkerInitResponse.Capabilities["HttpUri"]);

        var known = await AskAsync(new() { FunctionsMetadataRequest = new() { FunctionAppDirectory = appFolder } }, nameof(FunctionMetadataResponse));
        Require(known.FunctionMetadataResponse.Result);
        foreach (var function in known.FunctionMetadataResponse.FunctionMetadataResults)
        {
            if (function.FunctionId.Length == 0) function.FunctionId = Guid.NewGuid().ToString();
            foreach (var binding in function.RawBindings.Select(raw => JsonNode.Parse(raw)!))
            {
                // Every one of them goes in; the worker knows types by these names.
                function.Bindings[(string)binding["name"]!] = new() { Type = (string)binding["type"]!, Direction = 0 };
            }
            _functions.Add(function.Name, function);
            var loaded = await AskAsync(new() { FunctionLoadRequest = new() { FunctionId = function.FunctionId, Metadata = function } }, function.FunctionId);
            Require(loaded.FunctionLoadResponse.Result);
        }
    }

    private static void Require(StatusResult result)
    {
        if (result.Status != 1) throw new InvalidOperationException(result.Exception?.Message ?? "It has refused.");
    }

    private async Task<StreamingMessage> AskAsync(StreamingMessage question, string answerId)
    {
        var answer = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited[answerId] = answer;
        question.RequestId = Guid.NewGuid().ToString();
        await (await _connected.Task).Outgoing.Writer.WriteAsync(question);
        return await answer.Task.WaitAsync(Patience);
    }

    private void Take(StreamingMessage message)
    {
        var answered = message.ContentCase switch
        {
            StreamingMessage.ContentOneofCase.WorkerInitResponse => nameof(WorkerInitResponse),
            StreamingMessage.ContentOneofCase.FunctionMetadataResponse => nameof(FunctionMetadataResponse),
            StreamingMessage.ContentOneofCase.FunctionLoadResponse => message.FunctionLoadResponse.FunctionId,
            StreamingMessage.ContentOneofCase.InvocationResponse => message.InvocationResponse.InvocationId,
            _ => null,
        };
        if (answered is not null && _awaited.TryRemove(answered, out var waiting)) waiting.SetResult(message);
        if (message.ContentCase is StreamingMessage.ContentOneofCase.RpcLog) Append($"{message.RpcLog.Category}: {message.RpcLog.Message} {message.RpcLog.Exception?.Message}");
    }

    /// <summary>Connects to the worker, which may say that it is there a moment before it listens; the host, too, tries again.</summary>
    private static async ValueTask<System.IO.Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(ConnectInterval, cancellationToken))
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused && Stopwatch.GetElapsedTime(started) < Patience)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private void Append(string? line)
    {
        lock (_log) _log.Append(line).Append('\n');
    }

    /// <summary>An HTTP request on its way to the worker: an invocation by gRPC, and beside it the request itself, which names the invocation; the path as it came in a header of the front end's.</summary>
    private async Task PassOnAsync(HttpContext http)
    {
        var function = _functions[char.ToUpperInvariant(http.Request.Method[0]) + http.Request.Method[1..].ToLowerInvariant()];
        var invocation = new InvocationRequest { InvocationId = Guid.NewGuid().ToString(), FunctionId = function.FunctionId, TraceContext = new(), RetryContext = new() };
        invocation.InputData.Add(new ParameterBinding { Name = "request", Data = new() { Http = new() { Method = http.Request.Method, Url = http.Request.Path } } });
        var invoked = AskAsync(new() { InvocationRequest = invocation }, invocation.InvocationId);

        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        using var request = new HttpRequestMessage(new(http.Request.Method), new Uri(_workerHttp!, target));
        if (http.Request.ContentLength is not null || http.Request.Headers.TransferEncoding.Count > 0) request.Content = new StreamContent(http.Request.Body);
        foreach (var (name, values) in http.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray())) request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        }
        request.Headers.TryAddWithoutValidation("x-ms-invocation-id", invocation.InvocationId);
        request.Headers.TryAddWithoutValidation("X-WAWS-Unencoded-URL", target);
        using var answer = await _toWorker.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name is not "Transfer-Encoding") http.Response.Headers[name] = values.ToArray();
        }
        await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        await invoked;
    }

    /// <summary>The host's end of the protocol.</summary>
    private sealed class Stream(FunctionsHost host) : FunctionRpc.FunctionRpcBase
    {
        public override async Task EventStream(IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
        {
            var outgoing = Channel.CreateUnbounded<StreamingMessage>();
            var sending = SendAsync();
            await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
            {
                if (message.ContentCase is StreamingMessage.ContentOneofCase.StartStream) host._connected.TrySetResult((outgoing, message.StartStream.WorkerId));
                else host.Take(message);
            }
            outgoing.Writer.Complete();
            await sending;

            async Task SendAsync()
            {
                await foreach (var message in outgoing.Reader.ReadAllAsync(context.CancellationToken)) await responseStream.WriteAsync(message);
            }
        }
    }
}
