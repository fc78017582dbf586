namespace Serverless.Access;

/// <summary>A KMS key's policy (https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html). Its resource is the key itself: <c>*</c>, or the key's ARN.</summary>
internal sealed class KeyPolicyRules : PolicyRules
{
    public static readonly KeyPolicyRules Instance = new();

    public override void CheckAction(string action)
    {
        if (action != "*" && !ActionTable.IsKnown(ActionTable.Kms, action))
        {
            throw new PolicyException("Policy contains a statement with one or more invalid actions.");
        }
    }

    public override void CheckResource(string resource)
    {
        if (resource != "*" && !(resource.StartsWith("arn:aws:kms:", StringComparison.Ordinal) && resource.Split(':', 6) is [_, _, _, _, _, ['k', 'e', 'y', '/', _, ..]]))
        {
            throw Resource(resource);
        }
    }

    public override bool Knows(string conditionKey) => ConditionKeyTable.ServiceOf(conditionKey) is "aws" or "kms";
}
