using System.Text.RegularExpressions;

namespace Serverless.Access;

/// <summary>
/// A statement's Principal or NotPrincipal (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
/// Services, roles and federated users may be named, but no request here comes from one.
/// </summary>
internal sealed partial class PrincipalElement
{
    /// <summary>The kinds of names.</summary>
    public static readonly string[] Kinds = ["AWS", "CanonicalUser", "Service", "Federated"];

    private readonly bool everyone;
    private readonly string[] accounts;
    private readonly string[] arns;
    private readonly string[] canonicalUsers;

    /// <param name="isNegated">Whether it is NotPrincipal.</param>
    /// <param name="names">Names and their kinds, each well-formed; <c>*</c> of the kind <c>AWS</c> is everybody.</param>
    public PrincipalElement(bool isNegated, IReadOnlyCollection<(string Kind, string Name)> names)
    {
        string[] aws = [.. names.Where(name => name.Kind == "AWS").Select(name => name.Name)];
        IsNegated = isNegated;
        everyone = aws.Contains("*");
        accounts = [.. aws.Select(AccountOf).OfType<string>()];
        arns = [.. aws.Where(name => name != "*" && AccountOf(name) is null)];
        canonicalUsers = [.. names.Where(name => name.Kind == "CanonicalUser").Select(name => name.Name)];
        IsOpen = isNegated ? !everyone : everyone || names.Any(name => name.Kind == "Federated");
        Named = aws;
    }

    /// <summary>Whether it is NotPrincipal.</summary>
    public bool IsNegated { get; }

    /// <summary>Whether an Allow with it reaches people whom nobody has named: everybody, or whoever an outside identity provider knows.</summary>
    public bool IsOpen { get; }

    /// <summary>What it names of the kind <c>AWS</c>: account ids, ARNs, <c>*</c>.</summary>
    public IReadOnlyCollection<string> Named { get; }

    /// <summary>
    /// Whether a statement with this element is about a principal. An account in an Allow is not yet the account's users: it lets the account decide. In a Deny it is all of them;
    /// and a user that NotPrincipal is to spare must be named there together with the account
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
    /// </summary>
    public PolicyVerdict Verdict(Principal principal, bool isAllow)
    {
        if (principal.Type is PrincipalType.AWSService)
        {
            return PolicyVerdict.None;
        }
        var namesAccount = NamesAccount(principal);
        var namesPrincipal = everyone || (principal.Type is PrincipalType.Root ? namesAccount : Names(arns, principal.Arn));
        if (IsNegated)
        {
            return isAllow
                ? namesPrincipal || namesAccount ? PolicyVerdict.None : PolicyVerdict.Allows
                : namesPrincipal && (namesAccount || everyone) ? PolicyVerdict.None : PolicyVerdict.Denies;
        }
        return isAllow
            ? namesPrincipal ? PolicyVerdict.Allows : namesAccount ? PolicyVerdict.AllowsAccount : PolicyVerdict.None
            : namesPrincipal || namesAccount ? PolicyVerdict.Denies : PolicyVerdict.None;
    }

    /// <summary>Whether a name has a form that its kind can have; whether it exists is not judged.</summary>
    public static bool IsWellFormed(string kind, string name) => kind switch
    {
        "AWS" => name == "*" || AccountOf(name) is not null || NamedArn().IsMatch(name),
        "CanonicalUser" => CanonicalUserId().IsMatch(name),
        "Service" => ServiceName().IsMatch(name),
        "Federated" => ServiceName().IsMatch(name) || ProviderArn().IsMatch(name),
        _ => false,
    };

    private bool NamesAccount(Principal principal) =>
        principal.AccountId.Length > 0
        && (Names(accounts, principal.AccountId) || (canonicalUsers.Length > 0 && Names(canonicalUsers, CanonicalUser.IdOf(principal.AccountId))));

    // An anonymous principal has no ARN, and none is empty.
    private static bool Names(string[] names, string name) => Array.IndexOf(names, name) >= 0;

    private static string? AccountOf(string name) => AccountName().Match(name) is { Success: true } match ? match.Groups["id"].Value : null;

    [GeneratedRegex(@"\A(?:arn:aws:iam::(?<id>[0-9]{12}):root|(?<id>[0-9]{12}))\z")]
    private static partial Regex AccountName();

    [GeneratedRegex(@"\Aarn:aws:(?:iam::[0-9]{12}:(?:user|role)|sts::[0-9]{12}:(?:assumed-role|federated-user))/[A-Za-z0-9_+=,.@/-]{1,512}\z")]
    private static partial Regex NamedArn();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex CanonicalUserId();

    [GeneratedRegex(@"\A[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+\z")]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"\Aarn:aws:iam::[0-9]{12}:(?:saml|oidc)-provider/[A-Za-z0-9_+=,.@/:-]{1,512}\z")]
    private static partial Regex ProviderArn();
}
