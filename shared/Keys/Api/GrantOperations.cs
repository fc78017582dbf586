using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>CreateGrant, RetireGrant and RevokeGrant. They take a key id or key ARN, not an alias.</summary>
internal sealed class GrantOperations(
    IGrantStore store, KmsKeyring keyring, KeyChanges changes, KeyGrants grants, KmsPermissions permissions, IPrincipals principals, KmsTrail trail, TimeProvider time)
{
    private const int MaxGrants = 50_000;
    private const int IdSize = 32;

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html</summary>
    public async Task CreateGrantAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        call.Note("keyId", keyId);
        GrantRequest asked = GrantRequest.Read(request, call);
        KmsKey found = await keyring.FindExactlyAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        call.Grant = New(found, asked);
        KmsGrant made = await changes.ChangeAsync(call, found.Id, TryCreateAsync, cancellationToken).ConfigureAwait(false);
        grants.Forget(made);
        answer.WriteStartObject();
        answer.WriteString("GrantId"u8, made.Id);
        answer.WriteString("GrantToken"u8, GrantToken.Create(made));
        answer.WriteEndObject();

        async Task<KmsGrant?> TryCreateAsync(KmsKey key)
        {
            await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
            KmsGrant grant = await NameAsync(call.Grant, asked, cancellationToken).ConfigureAwait(false);
            if (GrantRules.Refusal(key, grant.Operations, grant.Constraint) is { } unsuitable)
            {
                throw new KmsException(unsuitable);
            }

            call.StopIfDryRun();
            if (grant.Fingerprint is { } fingerprint
                && await store.FindGrantAsync(key.Region, key.Id, fingerprint, cancellationToken).ConfigureAwait(false) is { } knownId)
            {
                // Recorded even if the grant that was to be made is, but a like one came before it: this is the one that is answered.
                call.Response = new JsonObject { ["grantId"] = knownId };
                await trail.RecordAsync(call, cancellationToken).ConfigureAwait(false);
                return await store.ReadGrantAsync(key.Region, key.Id, knownId, cancellationToken).ConfigureAwait(false);
            }

            if (key.GrantCount >= MaxGrants)
            {
                throw new KmsException(KmsErrors.GrantLimit(key.Arn, MaxGrants));
            }

            call.Response = new JsonObject { ["grantId"] = grant.Id };
            await trail.RecordOnceAsync(call, cancellationToken).ConfigureAwait(false);
            return await store.TryCreateGrantAsync(key, grant, cancellationToken).ConfigureAwait(false) ? grant : null;
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html</summary>
    public async Task RevokeGrantAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        call.Note("keyId", keyId);
        string grantId = GrantRequest.Id(request) ?? throw new KmsException(KmsErrors.Missing("grantId"));
        call.Note("grantId", grantId);
        await DeleteAsync(call, keyId, FindAsync, cancellationToken).ConfigureAwait(false);

        async Task<KmsGrant> FindAsync(KmsKey key)
        {
            await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(key, grantId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html</summary>
    public async Task RetireGrantAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string? token = request.Text("GrantToken", KmsRequest.MaxGrantTokenLength, minLength: 1);
        string? keyId = request.OptionalKeyId;
        string? grantId = GrantRequest.Id(request);
        call.Note("keyId", keyId);
        if (token is null ? keyId is null || grantId is null : keyId is not null || grantId is not null)
        {
            throw new KmsException(KmsErrors.Validation("Specify either a grant token, or a key ID and a grant ID."));
        }

        if (token is not null)
        {
            KmsGrant named = await grants.ReadAsync(call.Use.Region, token, cancellationToken).ConfigureAwait(false);
            (keyId, grantId) = (named.KeyId, named.Id);
        }

        call.Note("grantId", grantId);
        await DeleteAsync(call, keyId!, FindAsync, cancellationToken).ConfigureAwait(false);

        async Task<KmsGrant> FindAsync(KmsKey key)
        {
            KmsGrant grant = await ReadAsync(key, grantId!, cancellationToken).ConfigureAwait(false);
            KmsError? refusal = permissions.RetireRefusal(call, key, grant) ?? KeyStateTable.Refusal(call.Operation, key);
            return refusal is null ? grant : throw new KmsException(refusal);
        }
    }

    /// <summary>Deletes the grant of a key that <paramref name="findAsync"/> finds, and lets go.</summary>
    private async Task DeleteAsync(KmsCall call, string keyId, Func<KmsKey, Task<KmsGrant>> findAsync, CancellationToken cancellationToken)
    {
        KmsGrant deleted = await changes.ChangeAsync(call, keyId, TryDeleteAsync, cancellationToken).ConfigureAwait(false);
        grants.Forget(deleted);

        async Task<KmsGrant?> TryDeleteAsync(KmsKey key)
        {
            KmsGrant grant = await findAsync(key).ConfigureAwait(false);
            call.StopIfDryRun();
            await trail.RecordOnceAsync(call, cancellationToken).ConfigureAwait(false);
            return await store.TryDeleteGrantAsync(key, grant, cancellationToken).ConfigureAwait(false) ? grant : null;
        }
    }

    private async Task<KmsGrant> ReadAsync(KmsKey key, string grantId, CancellationToken cancellationToken) =>
        await store.ReadGrantAsync(key.Region, key.Id, grantId, cancellationToken).ConfigureAwait(false) ?? throw new KmsException(KmsErrors.GrantNotFound(grantId));

    private KmsGrant New(KmsKey key, GrantRequest asked) => new()
    {
        Region = key.Region,
        KeyId = key.Id,
        Id = RandomNumberGenerator.GetHexString(2 * IdSize, lowercase: true),
        Name = asked.Name,
        Grantee = new(asked.Grantee, ""),
        Retiring = asked.Retiring is null ? null : new(asked.Retiring, ""),
        Operations = asked.Operations,
        Constraint = asked.Constraint,
        CreatedAt = time.GetUtcNow(),
        TokenKey = RandomNumberGenerator.GetBytes(KmsGrant.TokenKeySize),
    };

    // Only who may create grants learns who exists.
    private async Task<KmsGrant> NameAsync(KmsGrant grant, GrantRequest asked, CancellationToken cancellationToken)
    {
        GrantPrincipal grantee = await FindAsync(grant.Grantee.Arn).ConfigureAwait(false);
        GrantPrincipal? retiring = grant.Retiring is null ? null : await FindAsync(grant.Retiring.Arn).ConfigureAwait(false);
        return grant with { Grantee = grantee, Retiring = retiring, Fingerprint = asked.FingerprintOf(grantee, retiring) };

        async Task<GrantPrincipal> FindAsync(string arn) =>
            new(arn, await principals.FindIdAsync(arn, cancellationToken).ConfigureAwait(false) ?? throw new KmsException(KmsErrors.InvalidPrincipal(arn)));
    }
}
