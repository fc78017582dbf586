using Serverless.Access;

namespace Serverless.Keys;

/// <summary>
/// Who may do what with a KMS key: the account's root principal and the service itself everything that a key of its kind admits, others nothing.
/// A managed key admits uses through its service and reading its metadata, as AWS's policy for <c>aws/s3</c> does.
/// </summary>
internal static class KmsPermission
{
    /// <summary>Why the caller may not; null when it may. <paramref name="key"/> is null for what concerns no existing key.</summary>
    public static KmsError? Refusal(KmsOperation operation, KeyUse use, KmsKey? key)
    {
        Principal principal = use.Caller.Principal;
        if (principal.Type is not (PrincipalType.Root or PrincipalType.AWSService))
        {
            return Denied("identity-based");
        }

        return key is { Manager: KeyManager.Aws } && !AdmittedByManagedKey(operation, use) ? Denied("resource-based") : null;

        KmsError Denied(string policies) =>
            KmsErrors.AccessDenied(principal.Arn is "" ? principal.UserName : principal.Arn, operation.ToString(), key?.Arn ?? "*", policies);
    }

    private static bool AdmittedByManagedKey(KmsOperation operation, KeyUse use) => operation switch
    {
        KmsOperation.DescribeKey or KmsOperation.ListAliases or
            KmsOperation.GetKeyRotationStatus or KmsOperation.ListKeyRotations or KmsOperation.ListResourceTags => true,
        KmsOperation.GenerateDataKey or KmsOperation.GenerateDataKeyWithoutPlaintext or KmsOperation.Encrypt or KmsOperation.Decrypt or KmsOperation.ReEncrypt => use.ViaService == ManagedKeys.Service,
        _ => false,
    };
}
