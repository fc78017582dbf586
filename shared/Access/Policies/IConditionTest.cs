namespace Serverless.Access;

/// <summary>One value of a condition, compiled for its operator.</summary>
internal interface IConditionTest
{
    /// <summary>Whether a value of the request's condition key matches; one that the operator cannot read does not.</summary>
    bool Matches(string value, IConditionKeys keys);
}
