using System.Text.RegularExpressions;

namespace Serverless.Access;

/// <summary>
/// A user's policy (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html). It may speak of any service, as on AWS, but must use only the condition keys
/// that the services here have. The messages are IAM's.
/// </summary>
internal sealed partial class IdentityPolicyRules : PolicyRules
{
    public static readonly IdentityPolicyRules Instance = new();

    public override bool HasPrincipals => false;

    public override void CheckText(string document)
    {
        if (document.Length > 0 && char.IsWhiteSpace(document[0]))
        {
            throw new PolicyException("JSON strings must not have leading spaces");
        }
    }

    public override void CheckAction(string action)
    {
        switch (action.Split(':'))
        {
            case ["*"] or ["*", _]:
                break;
            case [_]:
                throw NoVendor();
            case { Length: > 2 }:
                throw new PolicyException("Actions/Condition can contain only one colon.");
            case [var vendor, _] when !Vendor().IsMatch(vendor):
                throw new PolicyException($"Vendor {PolicyException.Quote(vendor)} is not valid");
        }
    }

    public override void CheckResource(string resource)
    {
        if (resource == "*")
        {
            return;
        }
        var parts = resource.Split(':', 6);
        if (parts is [_] || parts[0] != "arn")
        {
            throw Resource(resource);
        }
        if (parts[1] is not ("aws" or "aws-cn" or "aws-us-gov" or "*"))
        {
            throw new PolicyException($"Partition \"{PolicyException.Quote(parts[1])}\" is not valid for resource \"{PolicyException.Quote(resource)}\".");
        }
        if (parts.Length < 3 || parts[2].Length == 0)
        {
            throw new PolicyException("Resource vendor must be fully qualified and cannot contain regexes.");
        }
        // What is left out is completed, but a Region or an account that could be none shows that something else was meant, which would then match nothing.
        if (parts.Length < 6 && !IncompleteArn().IsMatch(resource))
        {
            throw new PolicyException("The policy failed legacy parsing");
        }
    }

    public override void CheckSid(string? sid, ISet<string> others)
    {
        if (sid is null)
        {
            return;
        }
        if (!AlphaNumeric().IsMatch(sid))
        {
            throw new PolicyException("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*");
        }
        if (sid.Length > 0 && !others.Add(sid))
        {
            throw new PolicyException("Statement IDs (SID) in a single policy must be unique.");
        }
    }

    public override bool Knows(string conditionKey) => ConditionKeyTable.ServiceOf(conditionKey).Length > 0;

    public override PolicyException NotJson() => new("Syntax errors in policy.");

    public override PolicyException Version() => Syntax("Version must be 2012-10-17 or 2008-10-17.");

    public override PolicyException UnknownElement(string name) => Syntax($"Unknown field {PolicyException.Quote(name)}.");

    public override PolicyException Syntax(string explanation) => new($"Syntax errors in policy. {explanation}");

    public override PolicyException Missing(string element) => element switch
    {
        "Action" => new("Policy statement must contain actions."),
        "Resource" => new("Policy statement must contain resources."),
        _ => Syntax($"Missing required field {element}."),
    };

    public override PolicyException EmptyStatement() => Syntax("Statement is empty.");

    public override PolicyException Effect(string effect) => Syntax($"Invalid effect: {PolicyException.Quote(effect)}.");

    public override PolicyException Principal() => new("Policy document should not specify a principal.");

    public override PolicyException Resource(string resource) => new($"Resource {PolicyException.Quote(resource)} must be in ARN format or \"*\".");

    public override PolicyException Operator(string name) => Syntax($"Invalid Condition type : {PolicyException.Quote(name)}.");

    public override PolicyException ConditionKey(string key) => key.Contains(':') ? base.ConditionKey(key) : NoVendor();

    private static PolicyException NoVendor() => new("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");

    [GeneratedRegex(@"\A[A-Za-z0-9.-]+\z")]
    private static partial Regex Vendor();

    [GeneratedRegex(@"\Aarn:[^:]+:[^:]+(?::[a-z0-9*?-]+(?::[0-9*?]+)?)?\z")]
    private static partial Regex IncompleteArn();

    [GeneratedRegex(@"\A[0-9A-Za-z]*\z")]
    private static partial Regex AlphaNumeric();
}
