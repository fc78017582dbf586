namespace Serverless.Access;

/// <summary>
/// A bucket's policy (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html). The messages are S3's, as recorded or reported.
/// </summary>
internal sealed class BucketPolicyRules(string bucketArn) : PolicyRules
{
    private const string Prefix = "arn:aws:s3:::";

    public override void CheckText(string document)
    {
        if (!document.StartsWith('{'))
        {
            throw new PolicyException("Policies must be valid JSON and the first byte must be '{'");
        }
    }

    public override void CheckAction(string action)
    {
        if (action != "*" && !ActionTable.IsKnown(ActionTable.S3.Keys, action))
        {
            throw new PolicyException("Policy has invalid action");
        }
    }

    public override void CheckResource(string resource)
    {
        var slash = resource.IndexOf('/');
        var bucket = Pattern.TryParse(slash < 0 ? resource : resource[..slash], PatternKind.Wildcard, hasVariables: false)!;
        if (!resource.StartsWith(Prefix, StringComparison.Ordinal) || !bucket.Matches(bucketArn, NoConditionKeys.Instance))
        {
            throw Resource(resource);
        }
    }

    public override void CheckStatement(Statement statement)
    {
        if (statement.Actions.IsNegated)
        {
            return;
        }
        var levels = Enum.GetValues<S3ResourceLevel>().Where(level => statement.Resources.IsNegated || Reaches(statement.Resources.Patterns, level)).ToArray();
        foreach (var action in statement.Actions.Patterns)
        {
            if (!ActionTable.S3.Any(known => levels.Contains(known.Value) && (action.Text == "*" || action.Matches(known.Key, NoConditionKeys.Instance))))
            {
                throw new PolicyException("Action does not apply to any resource(s) in statement");
            }
            if (action.IsFixed && statement.Conditions.Any(condition => !HasKey(action.Text, condition.Key)))
            {
                throw new PolicyException("Conditions do not apply to combination of actions and resources in statement");
            }
        }
    }

    public override bool Knows(string conditionKey) => ConditionKeyTable.ServiceOf(conditionKey) is "aws" or "s3" or "sse";

    public override PolicyException NotJson() => new("This policy contains invalid Json");

    public override PolicyException Principal() => new("Invalid principal in policy");

    public override PolicyException Resource(string resource) => new("Policy has invalid resource");

    public override PolicyException ConditionKey(string key) => new("Policy has an invalid condition key");

    public override PolicyException ConditionValue(string comparison, string key, string value) =>
        comparison.Contains("IpAddress", StringComparison.Ordinal)
            ? new PolicyException("Invalid IP address in Conditions")
            : base.ConditionValue(comparison, key, value);

    // A wildcard in the bucket's name may also stand for a slash, and so for objects.
    private static bool Reaches(Pattern[] resources, S3ResourceLevel level) => resources.Any(resource =>
        level is S3ResourceLevel.Bucket ? !resource.Text.Contains('/') : resource.Text.AsSpan().ContainsAny('/', '*'));

    private static bool HasKey(string action, string key) =>
        ConditionKeyTable.Find(key) is not { Actions.Count: > 0 } known || known.Actions.Contains(action);
}
