using System.Text.Json;
using Microsoft.Extensions.Options;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>CreateAlias and ListAliases.</summary>
internal sealed class AliasOperations(IKmsKeyStore store, KmsKeyring keyring, KmsTrail trail, IOptions<ServiceIdentity> identity, TimeProvider time)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;
    private const int MaxMarkerLength = 1024;
    private const string NameCharacters = "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$";

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html</summary>
    public async Task CreateAliasAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string name = request.RequiredText("AliasName", KeyReference.MaxAliasLength);
        string target = request.RequiredText("TargetKeyId", int.MaxValue);
        call.Parameters["aliasName"] = name;
        call.Parameters["targetKeyId"] = target;
        CheckName(name);
        if (KeyReference.Parse(target, call.Use.Region, identity.Value.AccountId).Alias is not null)
        {
            throw new KmsException(KmsErrors.AliasOfAlias);
        }

        KmsKey key = await keyring.FindAsync(call, target, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        var exists = KmsErrors.AliasExists(KmsAlias.ArnOf(key.Region, key.AccountId, name));
        if (await store.ReadAliasAsync(key.Region, name, cancellationToken).ConfigureAwait(false) is not null)
        {
            throw new KmsException(exists);
        }

        await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
        if (!await store.TryCreateAliasAsync(new KmsAlias(key.Region, name, key.Id, time.GetUtcNow()), cancellationToken).ConfigureAwait(false))
        {
            throw new KmsException(exists);
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html</summary>
    public async Task ListAliasesAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        int limit = request.Integer("Limit", 1, MaxLimit) ?? DefaultLimit;
        string? marker = request.Text("Marker", MaxMarkerLength, minLength: 1);
        if (marker is not null && !KeyReference.IsAliasName(marker))
        {
            throw new KmsException(KmsErrors.InvalidMarker);
        }

        KmsKey? key = request.OptionalKeyId is { } keyId ? await keyring.FindExactlyAsync(call, keyId, cancellationToken).ConfigureAwait(false) : null;
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<KmsAlias> found = await store.ListAliasesAsync(call.Use.Region, key?.Id, marker, limit + 1, cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        answer.WriteStartArray("Aliases"u8);
        foreach (KmsAlias alias in found.Take(limit))
        {
            answer.WriteStartObject();
            answer.WriteString("AliasArn"u8, KmsAlias.ArnOf(alias.Region, identity.Value.AccountId, alias.Name));
            answer.WriteString("AliasName"u8, alias.Name);
            answer.WriteTime("CreationDate", alias.CreatedAt);
            answer.WriteTime("LastUpdatedDate", alias.CreatedAt);
            answer.WriteString("TargetKeyId"u8, alias.KeyId);
            answer.WriteEndObject();
        }

        answer.WriteEndArray();
        answer.WritePaging(found.Count > limit ? found[limit - 1].Name : null);
        answer.WriteEndObject();
    }

    private static void CheckName(string name)
    {
        KmsError? error = !name.StartsWith(KmsAlias.Prefix, StringComparison.Ordinal) ? KmsErrors.AliasPrefix
            : name.StartsWith(KmsAlias.ReservedPrefix, StringComparison.Ordinal) ? KmsErrors.AliasReserved
            : !KeyReference.IsAliasName(name) ? KmsErrors.Constraint(name, "aliasName", NameCharacters)
            : null;
        if (error is not null)
        {
            throw new KmsException(error);
        }
    }
}
