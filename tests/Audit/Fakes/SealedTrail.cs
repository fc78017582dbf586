using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.Audit.Tests.Fakes;

/// <summary>A trail from the writer to the verified chain, on stores in memory and a clock that tests set.</summary>
internal sealed class SealedTrail
{
    public SealedTrail() => Writer = new AuditWriter(Store, Time);

    public MemoryAuditStore Store { get; } = new();

    public MemoryDigestStore Digests { get; } = new();

    public MemoryDigestKeys Keys { get; } = new();

    public MemoryAuditArchive Archive { get; } = new();

    public RecordingLog Log { get; } = new();

    public FakeTimeProvider Time { get; } = new(Events.Noon);

    public AuditOptions Options { get; } = new();

    public AuditWriter Writer { get; }

    public MemoryAuditQueue Queue { get; } = new();

    /// <summary>Writes events now, whenever they happened.</summary>
    public Task WriteAsync(params AuditEvent[] events) => Writer.WriteAsync(Message(events), CancellationToken.None);

    public AuditSealing NewSealing() => new(Store, Digests, Keys, Archive, Events.Identity, Microsoft.Extensions.Options.Options.Create(Options), Time, Log);

    public Task SealAsync() => NewSealing().RunAsync(CancellationToken.None);

    /// <summary>Goes on to a time at which the hours before <paramref name="until"/> can be sealed, and seals them.</summary>
    public async Task SealUntilAsync(DateTimeOffset until)
    {
        Time.SetUtcNow(until + AuditJournal.Grace);
        await SealAsync();
    }

    public AuditRetention NewRetention(IAuditTrail trail) =>
        new(Store, Digests, Keys, Archive, trail, Events.Identity, Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<AuditRetention>.Instance);

    public Task<AuditVerification> VerifyAsync(DateOnly? start = null, DateOnly? end = null, TimeSpan? budget = null) =>
        new AuditVerifier(Store, Digests, Keys, Archive, Time).VerifyAsync(start, end, budget ?? TimeSpan.MaxValue, CancellationToken.None);

    public IReadOnlyList<JsonObject> DigestContents() => [.. Digests.Digests.Values.Select(digest => JsonNode.Parse(digest.Content.Span)!.AsObject())];

    /// <summary>The ids of the records in the log files, file by file.</summary>
    public IReadOnlyList<string[]> LogFileIds() => [.. Archive.LogFiles.Select(name => Unzip(Archive.Files[name])["Records"]!.AsArray().Select(record => (string)record!["eventID"]!).ToArray())];

    public static JsonObject Unzip(byte[] file)
    {
        using var gzip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
        return JsonNode.Parse(gzip)!.AsObject();
    }

    public static byte[] Zip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(content);
        return compressed.ToArray();
    }

    public static string Message(params AuditEvent[] events) => $"[{string.Join(',', events.Select(auditEvent => Encoding.UTF8.GetString(AuditEntry.Write(auditEvent, Events.AccountId))))}]";

    public sealed class RecordingLog : ILogger<AuditSealing>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
