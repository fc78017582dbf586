using Azure.Core;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serverless.Access;

namespace Serverless.Telemetry;

/// <summary>
/// Exports traces, metrics and logs by OpenTelemetry, where a setting says whereto: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> (with the other <c>OTEL_…</c> of
/// https://opentelemetry.io/docs/specs/otel/protocol/exporter/) and <c>APPLICATIONINSIGHTS_CONNECTION_STRING</c>; without either, nothing is collected.
/// </summary>
public static class TelemetryServices
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ApplicationInsights = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string ApplicationInsightsAuthentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";
    private const string ClientId = "ClientId=";

    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var toOtlp = configuration[OtlpEndpoint] is { Length: > 0 };
        var connection = configuration[ApplicationInsights] is { Length: > 0 } text ? text : null;
        var credential = CredentialOf(configuration[ApplicationInsightsAuthentication]);
        if (!toOtlp && connection is null) return services;

        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("serverless-sse", serviceInstanceId: Environment.GetEnvironmentVariable("WEBSITE_INSTANCE_ID") ?? Environment.MachineName))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(ServiceTelemetry.Name).AddRuntimeInstrumentation();
                if (toOtlp) metrics.AddOtlpExporter();
                if (connection is not null) metrics.AddAzureMonitorMetricExporter(Configure);
            })
            .WithTracing(traces =>
            {
                traces.AddSource(ServiceTelemetry.Name);
                if (toOtlp) traces.AddOtlpExporter();
                if (connection is not null) traces.AddAzureMonitorTraceExporter(Configure);
            });
        services.AddLogging(logging => logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            if (toOtlp) logs.AddOtlpExporter();
            if (connection is not null) logs.AddAzureMonitorLogExporter(Configure);
        }));
        return services;

        void Configure(AzureMonitorExporterOptions options) => (options.ConnectionString, options.Credential) = (connection, credential);
    }

    /// <summary>The identity that an authentication string names (https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string); null for none.</summary>
    private static ManagedIdentityCredential? CredentialOf(string? authentication)
    {
        if (string.IsNullOrEmpty(authentication)) return null;
        var clientId = authentication.Split(';').FirstOrDefault(part => part.StartsWith(ClientId, StringComparison.OrdinalIgnoreCase))?[ClientId.Length..];
        return new(clientId is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId));
    }
}
