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

    /// <summary>Whether the caller wants only to know if the call would succeed.</summary>
    public bool DryRun { get; init; }

    /// <summary>What was asked for; never a plaintext or a ciphertext.</summary>
    public JsonObject Parameters { get; } = [];

    /// <summary>What was made, when it is worth keeping.</summary>
    public JsonObject? Response { get; set; }

    /// <summary>The key, once it is known; of ReEncrypt the one that encrypts.</summary>
    public KmsKey? Key { get; set; }

    /// <summary>The key that a ReEncrypt decrypts with, once it is known.</summary>
    public KmsKey? Source { get; set; }

    /// <summary>The version of the key that is used, once it is known.</summary>
    public BackingKeyName? Material { get; set; }

    /// <summary>Notes the parameters that every cryptographic operation has.</summary>
    public KmsCall With(string? keyId, EncryptionContext context)
    {
        Note("keyId", keyId);
        Note("encryptionContext", context);
        return this;
    }

    /// <summary>Notes a parameter that is given.</summary>
    public void Note(string parameter, string? value)
    {
        if (value is not null)
        {
            Parameters[parameter] = value;
        }
    }

    /// <summary>Notes a context that is not empty.</summary>
    public void Note(string parameter, EncryptionContext context)
    {
        if (context.Pairs.Count > 0)
        {
            Parameters[parameter] = context.ToJson();
        }
    }

    /// <summary>Everything is judged and nothing is done yet: the place to stop.</summary>
    /// <exception cref="KmsException">The call is a dry run.</exception>
    public void StopIfDryRun()
    {
        if (DryRun)
        {
            throw new KmsException(KmsErrors.DryRun);
        }
    }
}

/// <summary>A version of a key, as records show it.</summary>
internal readonly record struct BackingKeyName(uint Version, string MaterialId);
