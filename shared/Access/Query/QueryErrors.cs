namespace Serverless.Access;

/// <summary>
/// What the APIs of the query protocol have in common to refuse (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html), worded as AWS words it where
/// that is known.
/// </summary>
internal static class QueryErrors
{
    public static AccessError MissingAuthenticationToken { get; } = new("MissingAuthenticationToken", 403, "Request is missing Authentication Token");

    public static AccessError InvalidRegion { get; } = new("SignatureDoesNotMatch", 403, "Credential should be scoped to a valid region.");

    public static AccessError MissingAction { get; } = new("MissingAction", 400, "The request must contain the parameter Action.");

    public static AccessError Malformed { get; } = new("InvalidQueryParameter", 400, "The parameters are not well-formed.");

    public static AccessError ServiceFailure { get; } =
        new("ServiceFailure", 500, "The request processing has failed because of an unknown error, exception or failure.");

    public static AccessError InvalidAction(string action, string? version) =>
        new("InvalidAction", 400, $"Could not find operation {action} for version {version ?? "NO_VERSION_SPECIFIED"}");

    public static AccessError Duplicate(string name) => new("InvalidQueryParameter", 400, $"The parameter {name} is there more than once.");

    public static AccessError UnknownParameter(string action, string name) =>
        new("InvalidQueryParameter", 400, $"The parameter {name} is not supported by {action}.");

    public static AccessError NoTemporaryCredentials(string action) =>
        new("InvalidAction", 400, $"{action} is not supported: this service has no temporary credentials.");
}
