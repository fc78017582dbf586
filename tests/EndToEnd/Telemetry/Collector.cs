using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Serverless.EndToEnd.Telemetry;

/// <summary>An OTLP collector on loopback that keeps what it is sent. The texts in protobuf are there as they are, which is all that is looked for.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, StringBuilder> _received = new();
    private readonly WebApplication _application;

    private Collector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _application.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            var text = await reader.ReadToEndAsync();
            var all = _received.GetOrAdd(signal, _ => new());
            lock (all) all.Append(text);
        });
    }

    public string Address => _application.Urls.Single();

    public static async Task<Collector> StartAsync()
    {
        var collector = new Collector();
        await collector._application.StartAsync();
        return collector;
    }

    /// <summary>What has come of a signal: metrics, traces or logs.</summary>
    public string Received(string signal)
    {
        if (!_received.TryGetValue(signal, out var all)) return "";
        lock (all) return all.ToString();
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
