using System.Xml.Linq;

namespace Serverless.Access;

/// <summary>PutUserPolicy, GetUserPolicy, ListUserPolicies and DeleteUserPolicy: policies that are part of a user.</summary>
internal sealed class UserPolicyOperations(IamUsers users)
{
    /// <summary>The characters of all of a user's policies, without white space (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).</summary>
    private const int MaxCharacters = 2048;

    /// <summary>The same with white space: what is kept of a user must fit its place in the store.</summary>
    private const int MaxKept = 16 * 1024;

    public async Task<IReadOnlyList<XElement>?> PutUserPolicyAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var name = request.RequiredUserName;
        var policy = new UserPolicy(request.PolicyName, request.PolicyDocument);
        await users.ChangeAsync(call, name, user =>
        {
            RequireWellFormed(policy);
            List<UserPolicy> policies = [.. user.Policies.Where(other => other.Name != policy.Name), policy];
            return policies.Sum(CharactersOf) > MaxCharacters || policies.Sum(other => other.Document.Length) > MaxKept
                ? throw new AccessException(IamErrors.PolicyTooLarge(user.Name, MaxCharacters))
                : new(user with { Policies = policies });
        }, cancellationToken);
        return null;
    }

    public async Task<IReadOnlyList<XElement>?> GetUserPolicyAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, policyName) = (request.RequiredUserName, request.PolicyName);
        var user = await users.FindAsync(call, name, cancellationToken);
        var policy = Find(user, policyName);
        // The document is encoded as RFC 3986 says.
        return [new("UserName", user.Name), new("PolicyName", policy.Name), new("PolicyDocument", Uri.EscapeDataString(policy.Document))];
    }

    public async Task<IReadOnlyList<XElement>?> ListUserPoliciesAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, marker, maxItems) = (request.RequiredUserName, request.Marker, request.MaxItems);
        var user = await users.FindAsync(call, name, cancellationToken);
        return IamPage<UserPolicy>.Of(user.Policies, policy => policy.Name, marker, maxItems).ToResult("PolicyNames", policy => policy.Name);
    }

    public async Task<IReadOnlyList<XElement>?> DeleteUserPolicyAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, policyName) = (request.RequiredUserName, request.PolicyName);
        await users.ChangeAsync(call, name, user =>
        {
            var policy = Find(user, policyName);
            return new(user with { Policies = [.. user.Policies.Where(other => other != policy)] });
        }, cancellationToken);
        return null;
    }

    private static UserPolicy Find(User user, string policyName) =>
        user.Policies.FirstOrDefault(policy => policy.Name == policyName) ?? throw new AccessException(IamErrors.PolicyNotFound(policyName));

    private static int CharactersOf(UserPolicy policy) => policy.Document.Count(character => character is not (' ' or '\t' or '\r' or '\n'));

    private static void RequireWellFormed(UserPolicy policy)
    {
        try
        {
            Policy.ForIdentity(policy.Document);
        }
        catch (PolicyException malformed)
        {
            throw new AccessException(IamErrors.MalformedPolicy(malformed.Message));
        }
    }
}
