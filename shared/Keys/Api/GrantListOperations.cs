using System.Text.Json;
using Microsoft.Extensions.Options;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>ListGrants and ListRetirableGrants.</summary>
internal sealed class GrantListOperations(IGrantStore store, KmsKeyring keyring, IPrincipals principals, IOptions<ServiceIdentity> identity)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html</summary>
    public async Task ListGrantsAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        string keyId = request.KeyId;
        call.Note("keyId", keyId);
        var page = PageRequest.Read(request, DefaultLimit, MaxLimit, GrantRequest.IsId);
        string? grantId = GrantRequest.Id(request);
        string? grantee = GrantRequest.Principal(request, "GranteePrincipal");
        KmsKey key = await keyring.FindExactlyAsync(call, keyId, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<KmsGrant> found = grantId is null
            ? await store.ListGrantsAsync(key.Region, key.Id, grantee, page.Marker, page.Limit + 1, cancellationToken).ConfigureAwait(false)
            : await store.ReadGrantAsync(key.Region, key.Id, grantId, cancellationToken).ConfigureAwait(false) is { } one && (grantee ?? one.Grantee.Arn) == one.Grantee.Arn ? [one]
            : [];
        page.Write(answer, "Grants", found, grant => Write(answer, grant), grant => grant.Id);
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html</summary>
    public async Task ListRetirableGrantsAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        var page = PageRequest.Read(request, DefaultLimit, MaxLimit, marker => TryParseMarker(marker) is not null);
        string retiring = GrantRequest.Principal(request, "RetiringPrincipal") ?? throw new KmsException(KmsErrors.Missing("retiringPrincipal"));
        call.Note("retiringPrincipal", retiring);
        keyring.Admit(call, retiring);
        string id = await principals.FindIdAsync(retiring, cancellationToken).ConfigureAwait(false) ?? throw new KmsException(KmsErrors.InvalidPrincipal(retiring));
        IReadOnlyList<KmsGrant> found = await store.ListRetirableGrantsAsync(
            call.Use.Region, retiring, TryParseMarker(page.Marker), page.Limit + 1, cancellationToken).ConfigureAwait(false);
        page.Write(answer, "Grants", found, WriteOwn, grant => $"{grant.KeyId}:{grant.Id}");

        // Those that an earlier principal of the same name could retire are not this one's.
        void WriteOwn(KmsGrant grant)
        {
            if (grant.Retiring!.Id == id)
            {
                Write(answer, grant);
            }
        }
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html</summary>
    private void Write(Utf8JsonWriter answer, KmsGrant grant)
    {
        answer.WriteStartObject();
        if (grant.Constraint is { } constraint)
        {
            answer.WriteStartObject("Constraints"u8);
            answer.WriteStartObject(constraint.Type.ToString());
            foreach ((string key, string value) in constraint.Context.Pairs)
            {
                answer.WriteString(key, value);
            }

            answer.WriteEndObject();
            answer.WriteEndObject();
        }

        answer.WriteTime("CreationDate", grant.CreatedAt);
        answer.WriteString("GrantId"u8, grant.Id);
        answer.WriteString("GranteePrincipal"u8, grant.Grantee.Arn);
        answer.WriteString("IssuingAccount"u8, PrincipalName.ArnOf(identity.Value.AccountId));
        answer.WriteString("KeyId"u8, KmsKey.ArnOf(grant.Region, identity.Value.AccountId, grant.KeyId));
        answer.WriteString("Name"u8, grant.Name ?? "");
        answer.WriteStartArray("Operations"u8);
        foreach (string operation in grant.Operations)
        {
            answer.WriteStringValue(operation);
        }

        answer.WriteEndArray();
        if (grant.Retiring is { } retiring)
        {
            answer.WriteString("RetiringPrincipal"u8, retiring.Arn);
        }

        answer.WriteEndObject();
    }

    private static (string KeyId, string GrantId)? TryParseMarker(string? marker) =>
        marker?.Split(':') is [var keyId, var grantId] && KeyReference.IsKeyId(keyId) && GrantRequest.IsId(grantId) ? (keyId, grantId) : null;
}
