namespace Serverless.Keys;

/// <summary>
/// What grants can allow, and what a grant allows
/// (https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations, …/create-grant-overview.html).
/// </summary>
internal static class GrantRules
{
    public const string CreateGrant = nameof(KmsOperation.CreateGrant);
    public const string DescribeKey = nameof(KmsOperation.DescribeKey);
    public const string RetireGrant = nameof(KmsOperation.RetireGrant);

    /// <summary>All that the API lets a grant name, in its order.</summary>
    public static IReadOnlyList<string> Operations { get; } =
    [
        "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo", "Sign", "Verify", "GetPublicKey",
        CreateGrant, RetireGrant, DescribeKey, "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateMac", "VerifyMac", "DeriveSharedSecret",
    ];

    private static readonly string[] ForEncryption =
    [
        CreateGrant, RetireGrant, DescribeKey, "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo",
        "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext",
    ];

    private static readonly string[] ForMacs = [CreateGrant, RetireGrant, DescribeKey, "GenerateMac", "VerifyMac"];

    /// <summary>Why a key cannot have a grant of these operations and this constraint; null when it can.</summary>
    public static KmsError? Refusal(KmsKey key, IReadOnlyList<string> operations, GrantConstraint? constraint)
    {
        bool encrypts = key.Spec.Usage() == KeySpecs.EncryptDecrypt;
        string[] suitable = encrypts ? ForEncryption : ForMacs;
        string[] unsuitable = [.. operations.Except(suitable)];
        return unsuitable.Length > 0 ? KmsErrors.UnsuitableGrantOperations(unsuitable, key.Spec.Usage(), suitable)
            : constraint is not null && !encrypts ? KmsErrors.UnsuitableGrantConstraint
            : null;
    }

    /// <summary>Whether a grant allows its grantee what is asked for.</summary>
    public static bool Allows(KmsGrant grant, in KeyAccess access) => grant.Operations.Contains(access.Action) && access.Action switch
    {
        // These have no encryption context.
        DescribeKey or RetireGrant => true,
        CreateGrant => access.Grant is { } child && PassesOn(grant, child),
        _ => grant.Constraint?.Admits(access.Context) ?? true,
    };

    /// <summary>Whether who may create grants by a grant alone may create this one: it gives away no more than there is.</summary>
    private static bool PassesOn(KmsGrant parent, KmsGrant child) =>
        child.Operations.All(parent.Operations.Contains) && (child.Constraint?.IsAtLeastAsStrictAs(parent.Constraint) ?? parent.Constraint is null);
}
