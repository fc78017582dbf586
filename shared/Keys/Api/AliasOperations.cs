using System.Text.Json;
using Microsoft.Extensions.Options;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>
/// CreateAlias, UpdateAlias, DeleteAlias and ListAliases. Who changes an alias needs the permission on it, which only its own policies can give, and on each of its keys
/// (https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html).
/// </summary>
internal sealed class AliasOperations(IKmsKeyStore store, KmsKeyring keyring, KeyAliases names, KmsTrail trail, IOptions<ServiceIdentity> identity, TimeProvider time)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;
    private const string NamePattern = "^[a-zA-Z0-9:/_-]+$";

    // https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html. A quota: two aliases that are made at once may exceed it by one.
    private const int MaxAliasesPerKey = 50;

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html</summary>
    public async Task CreateAliasAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        (string name, string target) = (ReadName(request, call), ReadTarget(request, call));
        keyring.Admit(call, ArnOf(call, name));
        KmsKey key = await keyring.FindExactlyAsync(call, target, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        var exists = KmsErrors.AliasExists(ArnOf(call, name));
        if (await store.ReadAliasAsync(key.Region, name, cancellationToken).ConfigureAwait(false) is not null)
        {
            throw new KmsException(exists);
        }

        await CheckQuotaAsync(key, cancellationToken).ConfigureAwait(false);
        await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!await store.TryCreateAliasAsync(new KmsAlias(key.Region, name, key.Id, time.GetUtcNow()), cancellationToken).ConfigureAwait(false))
            {
                throw new KmsException(exists);
            }
        }
        finally
        {
            // Also where the outcome is unknown.
            names.Forget(key.Region, key.Id);
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html</summary>
    public async Task UpdateAliasAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        (string name, string target) = (ReadName(request, call), ReadTarget(request, call));
        await ChangeAsync(
            call,
            name,
            async alias =>
            {
                KmsKey current = await keyring.FindExactlyAsync(call, alias.KeyId, cancellationToken).ConfigureAwait(false);
                // Of the key that the alias leaves, the state is of no matter.
                await keyring.AdmitCallerAsync(call, current, cancellationToken).ConfigureAwait(false);
                KmsKey next = await keyring.FindExactlyAsync(call, target, cancellationToken).ConfigureAwait(false);
                await keyring.AdmitAsync(call, next, cancellationToken).ConfigureAwait(false);
                if (next.Spec.Usage() != current.Spec.Usage())
                {
                    throw new KmsException(KmsErrors.AliasKind);
                }

                if (next.Id != current.Id)
                {
                    await CheckQuotaAsync(next, cancellationToken).ConfigureAwait(false);
                }
            },
            alias => store.TryReplaceAliasAsync(alias with { KeyId = call.Key!.Id, UpdatedAt = time.GetUtcNow() }, cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html</summary>
    public Task DeleteAliasAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken) => ChangeAsync(
        call,
        ReadName(request, call),
        async alias =>
        {
            KmsKey key = await keyring.FindExactlyAsync(call, alias.KeyId, cancellationToken).ConfigureAwait(false);
            await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        },
        alias => store.TryDeleteAliasAsync(alias, cancellationToken),
        cancellationToken);

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html</summary>
    public async Task ListAliasesAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        var page = PageRequest.Read(request, DefaultLimit, MaxLimit, KeyReference.IsAliasName);
        keyring.Admit(call, "*");
        KmsKey? key = request.OptionalKeyId is { } keyId ? await keyring.FindExactlyAsync(call, keyId, cancellationToken).ConfigureAwait(false) : null;
        IReadOnlyList<KmsAlias> found = await store.ListAliasesAsync(call.Use.Region, key?.Id, page.Marker, page.Limit + 1, cancellationToken).ConfigureAwait(false);
        page.Write(answer, "Aliases", found, Write, alias => alias.Name);

        void Write(KmsAlias alias)
        {
            answer.WriteStartObject();
            answer.WriteString("AliasArn"u8, ArnOf(call, alias.Name));
            answer.WriteString("AliasName"u8, alias.Name);
            answer.WriteTime("CreationDate", alias.CreatedAt);
            answer.WriteTime("LastUpdatedDate", alias.UpdatedAt);
            answer.WriteString("TargetKeyId"u8, alias.KeyId);
            answer.WriteEndObject();
        }
    }

    private static string ReadName(KmsRequest request, KmsCall call)
    {
        string name = request.RequiredText("AliasName", KeyReference.MaxAliasLength);
        call.Parameters["aliasName"] = name;
        KmsError? error = !name.StartsWith(KmsAlias.Prefix, StringComparison.Ordinal) ? KmsErrors.AliasPrefix
            : name.StartsWith(KmsAlias.ReservedPrefix, StringComparison.Ordinal) ? KmsErrors.AliasReserved
            : !KeyReference.IsAliasName(name) ? KmsErrors.Pattern(name, "aliasName", NamePattern)
            : null;
        return error is null ? name : throw new KmsException(error);
    }

    private string ReadTarget(KmsRequest request, KmsCall call)
    {
        string target = request.RequiredText("TargetKeyId", KmsRequest.MaxKeyIdLength);
        call.Parameters["targetKeyId"] = target;
        return KeyReference.Parse(target, call.Use.Region, identity.Value.AccountId).Alias is null ? target : throw new KmsException(KmsErrors.AliasOfAlias);
    }

    private string ArnOf(KmsCall call, string name) => KmsAlias.ArnOf(call.Use.Region, identity.Value.AccountId, name);

    private async Task CheckQuotaAsync(KmsKey key, CancellationToken cancellationToken)
    {
        IReadOnlyList<KmsAlias> known = await store.ListAliasesAsync(key.Region, key.Id, after: null, MaxAliasesPerKey, cancellationToken).ConfigureAwait(false);
        if (known.Count == MaxAliasesPerKey)
        {
            throw new KmsException(KmsErrors.AliasLimit(key.Arn, MaxAliasesPerKey));
        }
    }

    // Judged by what the store says now; recorded before the change can take effect; judged again when another change came between.
    private async Task ChangeAsync(KmsCall call, string name, Func<KmsAlias, Task> judge, Func<KmsAlias, ValueTask<bool>> tryChange, CancellationToken cancellationToken)
    {
        keyring.Admit(call, ArnOf(call, name));
        bool done = false;
        while (!done)
        {
            KmsAlias alias = await store.ReadAliasAsync(call.Use.Region, name, cancellationToken).ConfigureAwait(false)
                ?? throw new KmsException(KmsErrors.AliasNotFound(ArnOf(call, name)));
            await judge(alias).ConfigureAwait(false);
            await trail.RecordOnceAsync(call, cancellationToken).ConfigureAwait(false);
            try
            {
                done = await tryChange(alias).ConfigureAwait(false);
            }
            finally
            {
                keyring.Forget(alias);
                names.Forget(alias.Region, alias.KeyId);
                names.Forget(alias.Region, call.Key!.Id);
            }
        }
    }
}
