using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Telemetry;

/// <summary>What a collector sees of the service.</summary>
public sealed class TelemetryTests(TelemetryTests.Observed service) : IClassFixture<TelemetryTests.Observed>
{
    private const string Sse = "x-amz-server-side-encryption";

    [Fact]
    public async Task Requests_keys_caches_storage_calls_and_the_audit_trail_are_measured_and_nothing_that_a_client_chose_is_told()
    {
        var bucket = await service.Clients.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "a-clients-own-key", "text"u8.ToArray(), (Sse, "aws:kms")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "a-clients-own-key"))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "another-one", "text"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "no-such-one"))).MustBe(HttpStatusCode.NotFound);

        await MetricsHoldAsync("sse.request.duration", "PutObject", "GetObject", "aws:kms", "AES256", "NoSuchKey");
        await MetricsHoldAsync("sse.request.storage_calls", "sse.storage.calls", "sse.cache.lookups", "kms_keys");
        await MetricsHoldAsync("sse.kms.uses", "GenerateDataKey", "Decrypt", "sse.master_key.wraps");
        await MetricsHoldAsync("sse.audit.records", "sse.audit.lag");
        // What only a timer sees.
        await MetricsHoldAsync("sse.master_key.age", "sse.master_key.overdue", "sse.audit.waiting.messages", "sse.audit.poison.messages");
        await Eventually.TrueAsync(() => Task.FromResult(service.Collector.Received("traces").Contains("s3 PutObject", StringComparison.Ordinal)), "the trace of a PutObject");

        var all = service.Collector.Received("metrics") + service.Collector.Received("traces") + service.Collector.Received("logs");
        foreach (var secret in (string[])[bucket, "a-clients-own-key", "another-one", "no-such-one", TestAccount.AccessKeyId, TestAccount.SecretAccessKey])
            Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
    }

    private Task MetricsHoldAsync(params string[] texts) => Eventually.TrueAsync(
        () => Task.FromResult(texts.All(text => service.Collector.Received("metrics").Contains(text, StringComparison.Ordinal))), string.Join(", ", texts));

    /// <summary>A service that sends its telemetry to a collector.</summary>
    public sealed class Observed : ServiceFixture, IAsyncLifetime
    {
        private Collector? _collector;

        internal Collector Collector => _collector ?? throw new InvalidOperationException("The collector is not started.");

        protected override (string Name, string? Value)[] Settings =>
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", Collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ("OTEL_BSP_SCHEDULE_DELAY", "500"),
            ("Monitoring__Schedule", "* * * * * *"),
        ];

        async Task IAsyncLifetime.InitializeAsync()
        {
            _collector = await Collector.StartAsync();
            await InitializeAsync();
        }

        async Task IAsyncLifetime.DisposeAsync()
        {
            await DisposeAsync();
            await Collector.DisposeAsync();
        }
    }
}
