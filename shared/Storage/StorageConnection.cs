using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;

namespace Serverless.Storage;

/// <summary>
/// How the storage account is reached, from the settings that the Functions host itself uses for it: <c>AzureWebJobsStorage</c>, a connection string, or
/// <c>AzureWebJobsStorage__accountName</c> (or the three <c>…ServiceUri</c>) for an identity
/// (https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity).
/// </summary>
public sealed class StorageConnection
{
    /// <summary>The setting's name, and that of the section.</summary>
    public const string Setting = "AzureWebJobsStorage";

    private const string ManagedIdentity = "managedidentity";

    public StorageConnection(string connectionString) => ConnectionString = connectionString;

    private StorageConnection(Uri blobService, Uri queueService, Uri tableService, TokenCredential credential) =>
        (BlobService, QueueService, TableService, Credential) = (blobService, queueService, tableService, credential);

    /// <summary>The connection string; null where an identity is used.</summary>
    public string? ConnectionString { get; }

    public Uri? BlobService { get; }

    public Uri? QueueService { get; }

    public Uri? TableService { get; }

    public TokenCredential? Credential { get; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">They say of no account, or not wholly.</exception>
    public static StorageConnection Read(IConfiguration configuration)
    {
        if (configuration[Setting] is { Length: > 0 } connectionString) return new(connectionString);
        var section = configuration.GetSection(Setting);
        var account = section["accountName"];
        return new(Service("blob"), Service("queue"), Service("table"), CredentialOf(section["credential"], section["clientId"]));

        Uri Service(string name)
        {
            var setting = $"{name}ServiceUri";
            if (section[setting] is not { Length: > 0 } uri)
            {
                if (string.IsNullOrEmpty(account))
                    throw new InvalidOperationException($"The setting {Setting} is missing: the connection string of the storage account, or {Setting}__accountName for an identity.");
                uri = $"https://{account}.{name}.core.windows.net";
            }
            return Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme == Uri.UriSchemeHttps ? parsed
                : throw new InvalidOperationException($"The setting {Setting}__{setting} must be an https address: tokens are sent to it.");
        }
    }

    private static TokenCredential CredentialOf(string? kind, string? clientId)
    {
        if (ManagedIdentity.Equals(kind, StringComparison.OrdinalIgnoreCase))
            return new ManagedIdentityCredential(string.IsNullOrEmpty(clientId) ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId));
        return string.IsNullOrEmpty(kind) ? new DefaultAzureCredential()
            : throw new InvalidOperationException($"The setting {Setting}__credential must be {ManagedIdentity}, or absent for whoever the environment says.");
    }
}
