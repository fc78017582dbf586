using System.Text.Json.Nodes;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>One call, as the audit trail will tell it: filled in while it is decided, recorded before its effect or its refusal leaves.</summary>
internal sealed class KmsCall(KmsOperation operation, KeyUse use)
{
    public KmsOperation Operation => operation;

    public KeyUse Use => use;

    /// <summary>What the service does by itself is an <c>AwsServiceEvent</c>.</summary>
    public string EventType { get; init; } = "AwsApiCall";

    /// <summary>What was asked for; never a plaintext or a ciphertext.</summary>
    public JsonObject Parameters { get; } = [];

    /// <summary>What was made, when it is worth keeping.</summary>
    public JsonObject? Response { get; set; }

    /// <summary>The key, once it is known.</summary>
    public KmsKey? Key { get; set; }

    /// <summary>The version of the key that is used, once it is known.</summary>
    public BackingKeyName? Material { get; set; }

    /// <summary>Notes the parameters that every cryptographic operation has.</summary>
    public KmsCall With(string? keyId, EncryptionContext context)
    {
        if (keyId is not null)
        {
            Parameters["keyId"] = keyId;
        }

        if (context.Pairs.Count > 0)
        {
            Parameters["encryptionContext"] = context.ToJson();
        }

        return this;
    }
}

/// <summary>A version of a key, as records show it.</summary>
internal readonly record struct BackingKeyName(uint Version, string MaterialId);
