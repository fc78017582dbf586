using System.Collections.Frozen;

namespace Serverless.Keys;

/// <summary>The operations that KMS has and this service has not, each with what it would take: they are known, so that their refusal can say why.</summary>
internal static class UnsupportedOperations
{
    private static readonly FrozenDictionary<string, string> Needs = new Dictionary<string, string[]>
    {
        ["asymmetric keys"] = ["Sign", "Verify", "GetPublicKey", "DeriveSharedSecret", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"],
        ["multi-Region keys"] = ["ReplicateKey", "UpdatePrimaryRegion"],
        ["custom key stores"] =
        [
            "CreateCustomKeyStore", "DescribeCustomKeyStores", "UpdateCustomKeyStore", "DeleteCustomKeyStore", "ConnectCustomKeyStore", "DisconnectCustomKeyStore",
        ],
        ["reports of keys' last use"] = ["GetKeyLastUsage"],
    }.SelectMany(group => group.Value.Select(operation => KeyValuePair.Create(operation, group.Key))).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Why an operation, by its name in the API, is not here; null when KMS does not have it, or it is here.</summary>
    public static KmsError? Refusal(string operation) =>
        Needs.TryGetValue(operation, out string? needed) ? KmsErrors.UnsupportedOperation(operation, needed) : null;
}
