using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>One call, as the audit trail will tell it: filled in while it is decided, recorded before its effect or its refusal leaves.</summary>
internal sealed class KmsCall(KmsOperation operation, KeyUse use)
{
    private static readonly ImmutableDictionary<string, StringValues> NoConditions =
        ImmutableDictionary.Create<string, StringValues>(StringComparer.OrdinalIgnoreCase);

    public KmsOperation Operation => operation;

    public KeyUse Use => use;

    /// <summary>What the service does by itself is an <c>AwsServiceEvent</c>.</summary>
    public string EventType { get; init; } = "AwsApiCall";

    /// <summary>Whether the caller wants only to know if the call would succeed.</summary>
    public bool DryRun { get; init; }

    /// <summary>The grant tokens that the caller has given.</summary>
    public IReadOnlyList<string> GrantTokens { get; init; } = [];

    /// <summary>The grants of these tokens, once they have been read: a call that is judged more than once asks for them once.</summary>
    public IReadOnlyList<KmsGrant>? NamedGrants { get; set; }

    /// <summary>The condition keys that the request has and other requests have not, by their names, whatever their case.</summary>
    public ImmutableDictionary<string, StringValues> Conditions { get; private set; } = NoConditions;

    /// <summary>The encryption context that the permission is judged by.</summary>
    public EncryptionContext Context { get; set; } = EncryptionContext.Empty;

    /// <summary>The alias that the key was found by, or null.</summary>
    public string? Alias { get; set; }

    /// <summary>The grant that is to be made, or null.</summary>
    public KmsGrant? Grant { get; set; }

    /// <summary>What is asked to do with the key, where that is one thing.</summary>
    public KeyAccess Access => new(operation.ToString(), Context, Alias, Grant);

    /// <summary>What was asked for; never a plaintext or a ciphertext.</summary>
    public JsonObject Parameters { get; } = [];

    /// <summary>Whether the call is on the trail as one that will be answered.</summary>
    public bool IsRecorded { get; set; }

    /// <summary>What was made, when it is worth keeping.</summary>
    public JsonObject? Response { get; set; }

    /// <summary>The key, once it is known; of ReEncrypt the one that encrypts.</summary>
    public KmsKey? Key { get; set; }

    /// <summary>The key that a ReEncrypt decrypts with, once it is known.</summary>
    public KmsKey? Source { get; set; }

    /// <summary>The version of the key that is used, once it is known.</summary>
    public BackingKeyName? Material { get; set; }

    /// <summary>The number of the version that the ciphertext names, whether or not it can be used.</summary>
    public uint? CiphertextVersion { get; set; }

    /// <summary>Notes the parameters that every cryptographic operation has.</summary>
    public KmsCall With(string? keyId, EncryptionContext context)
    {
        Note("keyId", keyId);
        Note("encryptionContext", context);
        Context = context;
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

    /// <summary>Notes a condition key, such as <c>kms:MacAlgorithm</c>; a null is none.</summary>
    public void Condition(string key, string? value)
    {
        if (value is not null)
        {
            Conditions = Conditions.SetItem(key, value);
        }
    }

    /// <summary>Notes a condition key that may have several values.</summary>
    public void Condition(string key, string[] values) => Conditions = Conditions.SetItem(key, new StringValues(values));

    /// <summary>Notes the condition keys of the tags that a request gives a key.</summary>
    public void ConditionTags(IReadOnlyCollection<KeyTag> tags)
    {
        foreach (IGrouping<string, KeyTag> same in tags.GroupBy(tag => tag.Key, StringComparer.OrdinalIgnoreCase))
        {
            Condition($"aws:RequestTag/{same.Key}", [.. same.Select(tag => tag.Value)]);
        }

        ConditionTagKeys([.. tags.Select(tag => tag.Key)]);
    }

    /// <summary>Notes the condition key of the tags that a request names.</summary>
    public void ConditionTagKeys(string[] keys)
    {
        if (keys.Length > 0)
        {
            Condition("aws:TagKeys", keys);
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
