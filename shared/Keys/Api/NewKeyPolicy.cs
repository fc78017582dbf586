using System.Text;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>
/// A policy that a key is to get: it is understood, names principals that exist, and lets its author change it again
/// (https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html).
/// </summary>
internal sealed class NewKeyPolicy(KmsPermissions permissions, IPrincipals principals)
{
    private const int MaxSize = 32 * 1024;

    /// <summary>The longest text that the API takes at all, in characters.</summary>
    private const int MaxLength = 128 * 1024;
    private const string Pattern = @"[\u0009\u000A\u000D\u0020-\u00FF]+";

    /// <summary>Reads the member <c>Policy</c>, or null, and notes it; and whether its author may lock itself out.</summary>
    /// <exception cref="KmsException">It is too large, or has characters that policies do not have.</exception>
    public static (string? Policy, bool Bypass) Read(KmsRequest request, KmsCall call)
    {
        string? policy = request.Text("Policy", MaxLength, minLength: 1);
        bool? bypass = request.Flag("BypassPolicyLockoutSafetyCheck");
        call.Note("policy", policy);
        call.Parameters["bypassPolicyLockoutSafetyCheck"] = bypass ?? false;
        call.Condition("kms:BypassPolicyLockoutSafetyCheck", bypass is null ? null : bypass.Value ? "true" : "false");
        return policy is not null && policy.Any(character => character is not ('\t' or '\n' or '\r' or (>= ' ' and <= '\u00FF')))
                ? throw new KmsException(KmsErrors.SecretPattern("policy", Pattern))
            : policy is not null && Encoding.UTF8.GetByteCount(policy) > MaxSize ? throw new KmsException(KmsErrors.PolicyTooLarge(MaxSize))
            : (policy, bypass ?? false);
    }

    /// <summary>Judges a policy for a key whose other properties are known.</summary>
    /// <exception cref="KmsException">The key must not get it.</exception>
    public async Task CheckAsync(KmsCall call, KmsKey key, string policy, bool bypass, CancellationToken cancellationToken)
    {
        foreach (string principal in Parse(policy).Principals)
        {
            if (principal != "*" && await principals.FindIdAsync(PrincipalName.ArnOf(principal), cancellationToken).ConfigureAwait(false) is null)
            {
                throw new KmsException(KmsErrors.InvalidPolicyPrincipals);
            }
        }

        // Its grants do not count: none allows PutKeyPolicy.
        var again = new KeyAccess(nameof(KmsOperation.PutKeyPolicy), Encryption.EncryptionContext.Empty);
        if (!bypass && await permissions.RefusalAsync(call, key with { Policy = policy }, again, cancellationToken).ConfigureAwait(false) is not null)
        {
            throw new KmsException(KmsErrors.PolicyLocksOut);
        }
    }

    private static Policy Parse(string policy)
    {
        try
        {
            return Policy.ForKey(policy);
        }
        catch (PolicyException malformed)
        {
            throw new KmsException(KmsErrors.MalformedPolicy(malformed.Message));
        }
    }
}
