using Microsoft.Extensions.Primitives;

namespace Serverless.Access;

/// <summary>The condition keys of one request (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).</summary>
public interface IConditionKeys
{
    /// <summary>
    /// The values of a condition key, whose name is given in lower case; null where the request does not have the key. A multivalued key may be present without a value.
    /// </summary>
    StringValues? Find(string key);
}

/// <summary>What a policy judges: who wants to do what to what, and under which circumstances.</summary>
/// <param name="Principal">Who asks.</param>
/// <param name="Action">The action, as <c>s3:GetObject</c>.</param>
/// <param name="Resource">
/// The resource's ARN; <c>*</c> for an action that concerns none, which then only <c>*</c> in a policy means. s3:ListAllMyBuckets has <c>arn:aws:s3:::*</c>.
/// </param>
/// <param name="Conditions">The request's condition keys.</param>
public sealed record PolicyRequest(Principal Principal, string Action, string Resource, IConditionKeys Conditions);

/// <summary>What one policy, or several, say of a request; of several verdicts the greatest counts.</summary>
public enum PolicyVerdict
{
    /// <summary>Nothing: no statement applies.</summary>
    None,

    /// <summary>
    /// A resource's policy allows the principal's account, not the principal by itself: its own policies decide
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts).
    /// </summary>
    AllowsAccount,

    /// <summary>A statement allows the request.</summary>
    Allows,

    /// <summary>A statement denies the request, whatever others allow.</summary>
    Denies,
}
