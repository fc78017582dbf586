namespace Serverless.Access;

/// <summary>What one kind of policy demands of a document beyond the grammar, and the words in which it refuses one. The words here are those of KMS where they are known.</summary>
internal abstract class PolicyRules
{
    /// <summary>Whether statements name principals, which they then must; otherwise they must not.</summary>
    public virtual bool HasPrincipals => true;

    /// <summary>Judges the text before it is read as JSON.</summary>
    public virtual void CheckText(string document)
    {
    }

    /// <summary>Judges an action, already known to be a string.</summary>
    public abstract void CheckAction(string action);

    /// <summary>Judges a resource, already known to be a string.</summary>
    public abstract void CheckResource(string resource);

    /// <summary>Judges a statement's Sid, null where it has none.</summary>
    public virtual void CheckSid(string? sid, ISet<string> others)
    {
    }

    /// <summary>Judges a statement as a whole.</summary>
    public virtual void CheckStatement(Statement statement)
    {
    }

    /// <summary>Whether a condition key, in lower case, may be named.</summary>
    public abstract bool Knows(string conditionKey);

    public virtual PolicyException NotJson() => new("The policy document is not valid JSON.");

    public virtual PolicyException Version() => new("The policy must contain a valid version string");

    public virtual PolicyException UnknownElement(string name) => new($"Unknown field {PolicyException.Quote(name)}");

    public virtual PolicyException Syntax(string explanation) => new($"Invalid policy syntax. {explanation}");

    public virtual PolicyException Missing(string element) => new($"Missing required field {element}");

    public virtual PolicyException EmptyStatement() => new("Could not parse the policy: Statement is empty!");

    public virtual PolicyException Effect(string effect) => new($"Invalid effect: {PolicyException.Quote(effect)}");

    public virtual PolicyException Principal() => new("Policy contains a statement with one or more invalid principals.");

    public virtual PolicyException Resource(string resource) => new("Policy contains a statement with one or more invalid resources.");

    public virtual PolicyException Operator(string name) => new($"Invalid Condition type : {PolicyException.Quote(name)}");

    public virtual PolicyException ConditionKey(string key) => new($"Policy has an invalid condition key: {PolicyException.Quote(key)}");

    public virtual PolicyException ConditionValue(string comparison, string key, string value) =>
        Syntax($"Condition {PolicyException.Quote(comparison)} of {PolicyException.Quote(key)} has the invalid value \"{PolicyException.Quote(value)}\".");
}
