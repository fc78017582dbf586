using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Serverless.LocalHost.Settings;

/// <summary>An access key. The secret is null where the user has set it, so that it is not shown.</summary>
internal sealed record AccessKey(string Id, string? Secret);

/// <summary>The root key and the access key of a development machine: made once, kept in the data folder, readable by their owner only.</summary>
internal static class DevelopmentKeys
{
    private const int RootKeyLength = 32;
    private const string AccessKeyIdCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string SecretCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>
    /// The local root key's file, or null where another provider is configured. It is created only at its default place: a file that the settings
    /// name is the user's, and must exist. Nothing ephemeral is encrypted under a key that is kept, or the other way round.
    /// </summary>
    public static string? RootKeyFile(IConfiguration configuration, string root, string dataFolder, bool ephemeral)
    {
        if (configuration["RootKey:Provider"] is { Length: > 0 } provider && !provider.Equals("Local", StringComparison.OrdinalIgnoreCase)) return null;
        var byDefault = Path.Combine(dataFolder, "root.key");
        var file = configuration["RootKey:File"] is { Length: > 0 } named && !ephemeral ? Path.GetFullPath(named, root) : byDefault;
        if (file == byDefault && !File.Exists(file))
        {
            Span<byte> key = stackalloc byte[RootKeyLength];
            RandomNumberGenerator.Fill(key);
            OwnerOnly.WriteFile(file, Convert.ToBase64String(key));
            CryptographicOperations.ZeroMemory(key);
        }
        return file;
    }

    /// <summary>The access key of the settings, else the one in credentials.json, which is made where it is missing.</summary>
    /// <exception cref="StartupException">Only half of it is set, or the file cannot be read.</exception>
    public static AccessKey AccessKey(IConfiguration configuration, string dataFolder)
    {
        switch (configuration["Access:RootAccessKeyId"], configuration["Access:RootSecretAccessKey"])
        {
            case ({ Length: > 0 } id, { Length: > 0 }):
                return new AccessKey(id, null);
            case ({ Length: > 0 }, _) or (_, { Length: > 0 }):
                throw new StartupException("Access__RootAccessKeyId and Access__RootSecretAccessKey belong together: set both or neither.");
        }
        var file = Path.Combine(dataFolder, "credentials.json");
        if (!File.Exists(file))
        {
            var made = new AccessKey(
                "AKIA" + RandomNumberGenerator.GetString(AccessKeyIdCharacters, 16),
                RandomNumberGenerator.GetString(SecretCharacters, 40));
            OwnerOnly.WriteFile(file, JsonSerializer.Serialize(made));
        }
        try
        {
            if (JsonSerializer.Deserialize<AccessKey>(File.ReadAllText(file)) is { Id.Length: > 0, Secret.Length: > 0 } kept) return kept;
        }
        catch (JsonException)
        {
            // Told below; the reader's own words could quote the secret.
        }
        throw new StartupException($"{file} is damaged: delete it, and a new access key is made.");
    }
}
