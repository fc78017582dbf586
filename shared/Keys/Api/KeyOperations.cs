using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>CreateKey, DescribeKey, ListKeys and UpdateKeyDescription.</summary>
internal sealed class KeyOperations(
    IKmsKeyStore store, KmsKeyring keyring, KmsBackingKeys backing, KeyChanges changes, NewKeyPolicy policies, DependentObjects dependents, KmsTrail trail,
    IOptions<ServiceIdentity> identity, TimeProvider time)
{
    private const int MaxDescriptionLength = 8192;
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html</summary>
    public async Task CreateKeyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        KeyKind kind = KeyKind.Read(request);
        IReadOnlyList<KeyTag> tags = KeyTags.Read(request) ?? [];
        (string? policy, bool bypass) = NewKeyPolicy.Read(request, call);
        request.Refuse("MultiRegion", "CustomKeyStoreId", "XksKeyId");
        Admit(call, kind, tags);
        bool isExternal = kind.Origin == KeyOrigin.External;
        var key = new KmsKey
        {
            Region = call.Use.Region,
            AccountId = identity.Value.AccountId,
            Id = Guid.NewGuid().ToString(),
            Description = request.Text("Description", MaxDescriptionLength) ?? "",
            CreatedAt = time.GetUtcNow(),
            Spec = kind.Spec,
            Origin = kind.Origin,
            State = isExternal ? KeyState.PendingImport : KeyState.Enabled,
            CurrentVersion = isExternal ? 0u : 1,
            CurrentMaterialId = isExternal ? "" : KmsBackingKeys.NewMaterialId(),
            IsIncomplete = isExternal,
            Tags = tags,
        };
        if (policy is not null)
        {
            await policies.CheckAsync(call, key, policy, bypass, cancellationToken).ConfigureAwait(false);
            key = key with { Policy = policy };
        }

        call.Key = key;
        call.Parameters["keySpec"] = key.Spec.Name();
        call.Parameters["keyUsage"] = key.Spec.Usage();
        call.Parameters["origin"] = key.Origin.Name();
        call.Parameters["multiRegion"] = false;
        call.Parameters["description"] = key.Description;
        call.Parameters["tags"] = KeyTags.ToJson(key.Tags);
        call.Response = new JsonObject { ["keyId"] = key.Arn };
        KmsKeyVersion? first = isExternal ? null : await backing.CreateAsync(key, key.CurrentVersion, key.CurrentMaterialId, cancellationToken).ConfigureAwait(false);
        await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
        // False would mean that the new id is taken, which only this call's own first try can have done, its answer lost.
        _ = await store.TryCreateKeyAsync(key, first, alias: null, cancellationToken).ConfigureAwait(false);
        answer.WriteMetadata(key);
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html</summary>
    public async Task DescribeKeyAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        call.Parameters["keyId"] = keyId;
        KmsKey key = await keyring.FindAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        answer.WriteMetadata(key, key.State == KeyState.PendingDeletion ? await dependents.FindAsync(key, cancellationToken).ConfigureAwait(false) : null);
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html</summary>
    public async Task ListKeysAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        keyring.Admit(call, "*");
        var page = PageRequest.Read(request, DefaultLimit, MaxLimit, marker => KeyReference.IsKeyId(marker));
        IReadOnlyList<string> found = await store.ListKeyIdsAsync(call.Use.Region, page.Marker, page.Limit + 1, cancellationToken).ConfigureAwait(false);
        page.Write(answer, "Keys", found, Write, id => id);

        void Write(string id)
        {
            answer.WriteStartObject();
            answer.WriteString("KeyArn"u8, KmsKey.ArnOf(call.Use.Region, identity.Value.AccountId, id));
            answer.WriteString("KeyId"u8, id);
            answer.WriteEndObject();
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html</summary>
    public async Task UpdateKeyDescriptionAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string description = request.Text("Description", MaxDescriptionLength) ?? throw new KmsException(KmsErrors.Missing("description"));
        call.Parameters["description"] = description;
        await changes.ChangeAsync(request, call, key => key with { Description = description }, cancellationToken).ConfigureAwait(false);
    }

    // Tags are a permission of their own (https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html).
    private void Admit(KmsCall call, KeyKind kind, IReadOnlyList<KeyTag> tags)
    {
        call.Condition("kms:KeySpec", kind.Spec.Name());
        call.Condition("kms:CustomerMasterKeySpec", kind.Spec.Name());
        call.Condition("kms:KeyUsage", kind.Spec.Usage());
        call.Condition("kms:CustomerMasterKeyUsage", kind.Spec.Usage());
        call.Condition("kms:KeyOrigin", kind.Origin.Name());
        call.Condition("kms:MultiRegion", "false");
        call.ConditionTags(tags);
        keyring.Admit(call, "*");
        if (tags.Count > 0)
        {
            keyring.Admit(call, "*", KmsOperation.TagResource);
        }
    }
}
