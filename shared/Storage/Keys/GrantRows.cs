using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Azure.Data.Tables;
using Serverless.Encryption;
using Serverless.Keys;

namespace Serverless.Storage;

/// <summary>
/// Grants as table rows, in the partition and the table of their keys (<see cref="KmsRows"/>), so that all rows of a grant come and go in one transaction with the
/// key's count of them: <c>grant:KEYID:ID</c>; the same again as <c>retirable:HASH:KEYID:ID</c> if it names a retiring principal, HASH being of that principal's ARN,
/// which may hold what a row's key may not; and <c>grantprint:KEYID:FINGERPRINT</c> if it has a fingerprint.
/// </summary>
internal static class GrantRows
{
    /// <summary>The most rows that one grant has.</summary>
    public const int MaxRows = 3;

    private const int HashSize = 16;

    // Keeps any script's letters as they are: 8 pairs of at most 768 characters fit a property of 64 KiB.
    private static readonly JsonSerializerOptions ContextJson = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Prefix(string keyId) => $"grant:{keyId}:";

    public static string Row(string keyId, string grantId) => Prefix(keyId) + grantId;

    public static string RetirablePrefix(string retiring) =>
        $"retirable:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(retiring)).AsSpan(0, HashSize))}:";

    public static string RetirableRow(string retiring, string keyId, string grantId) => $"{RetirablePrefix(retiring)}{keyId}:{grantId}";

    public static string FingerprintRow(string keyId, string fingerprint) => $"grantprint:{keyId}:{fingerprint}";

    /// <summary>All rows of a grant.</summary>
    public static IEnumerable<TableEntity> ToRows(KmsGrant grant)
    {
        yield return ToRow(grant, Row(grant.KeyId, grant.Id));
        if (grant.Retiring is { } retiring)
        {
            yield return ToRow(grant, RetirableRow(retiring.Arn, grant.KeyId, grant.Id));
        }

        if (grant.Fingerprint is { } fingerprint)
        {
            yield return new TableEntity(grant.Region, FingerprintRow(grant.KeyId, fingerprint)) { ["GrantId"] = grant.Id };
        }
    }

    public static KmsGrant ToGrant(TableEntity row)
    {
        string[] names = row.RowKey.Split(':');
        return new()
        {
            Region = row.PartitionKey,
            KeyId = names[^2],
            Id = names[^1],
            Name = row.GetString("Name"),
            Grantee = new(row.GetString("Grantee"), row.GetString("GranteeId")),
            Retiring = row.GetString("Retiring") is { } retiring ? new(retiring, row.GetString("RetiringId")) : null,
            Operations = row.GetString("Operations").Split(' '),
            Constraint = row.GetString("ConstraintType") is { } type
                ? new(
                    Enum.Parse<GrantConstraintType>(type),
                    EncryptionContext.Of(JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetBinary("ConstraintContext"))!))
                : null,
            CreatedAt = row.GetDateTimeOffset("CreatedAt")!.Value,
            Fingerprint = row.GetString("Fingerprint"),
            TokenKey = row.GetBinary("TokenKey"),
        };
    }

    private static TableEntity ToRow(KmsGrant grant, string row) => new(grant.Region, row)
    {
        ["Name"] = grant.Name,
        ["Grantee"] = grant.Grantee.Arn,
        ["GranteeId"] = grant.Grantee.Id,
        ["Retiring"] = grant.Retiring?.Arn,
        ["RetiringId"] = grant.Retiring?.Id,
        ["Operations"] = string.Join(' ', grant.Operations),
        ["ConstraintType"] = grant.Constraint?.Type.ToString(),
        ["ConstraintContext"] = grant.Constraint is { } constraint ? JsonSerializer.SerializeToUtf8Bytes(constraint.Context.Pairs, ContextJson) : null,
        ["CreatedAt"] = grant.CreatedAt,
        ["Fingerprint"] = grant.Fingerprint,
        ["TokenKey"] = grant.TokenKey,
    };
}
