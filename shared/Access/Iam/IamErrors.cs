namespace Serverless.Access;

/// <summary>
/// The errors of the IAM API, worded as AWS words them where that is known: recorded answers of 2026, in which values are not echoed any more, and the errors of each
/// operation in https://docs.aws.amazon.com/IAM/latest/APIReference/.
/// </summary>
internal static class IamErrors
{
    public static AccessError UserNotFound(string name) => NoSuchEntity($"The user with name {name} cannot be found.");

    public static AccessError AccessKeyNotFound(string id) => NoSuchEntity($"The Access Key with id {id} cannot be found.");

    public static AccessError PolicyNotFound(string name) => NoSuchEntity($"The user policy with name {name} cannot be found.");

    public static AccessError UserExists(string name) => new("EntityAlreadyExists", 409, $"User with name {name} already exists.");

    public static AccessError HasPolicies { get; } = new("DeleteConflict", 409, "Cannot delete entity, must delete policies first.");

    public static AccessError HasAccessKeys { get; } = new("DeleteConflict", 409, "Cannot delete entity, must delete access keys first.");

    public static AccessError PolicyTooLarge(string userName, int limit) =>
        new("LimitExceeded", 409, $"Maximum policy size of {limit} bytes exceeded for user {userName}");

    public static AccessError MalformedPolicy(string message) => new("MalformedPolicyDocument", 400, message);

    public static AccessError DuplicateTags { get; } =
        new("InvalidInput", 400, "Duplicate tag keys found. Please note that Tag keys are case insensitive.");

    public static AccessError ReservedTag { get; } = new("InvalidInput", 400, "Tag keys that begin with aws: are reserved.");

    /// <summary>For an operation that means the caller, where the caller is not a user.</summary>
    public static AccessError UserNameNeeded { get; } = Validation("Must specify userName when calling with non-User credentials");

    /// <summary>The root principal's access key is one of the settings.</summary>
    public static AccessError RootKeyIsASetting { get; } =
        new("UnmodifiableEntity", 400, "The access key of the account's root is set by the service's configuration, and cannot be changed here.");

    public static AccessError ConcurrentModification { get; } = new(
        "ConcurrentModification", 409,
        "The request was rejected because multiple requests to change this object were submitted simultaneously. Wait a few minutes and submit your request again.");

    public static AccessError AuditUnavailable { get; } = new(
        "ServiceUnavailable", 503, "The audit trail cannot be written, and without it nothing is changed. Try again.");

    /// <param name="quota">IAM's name of the quota, such as <c>AccessKeysPerUser</c>.</param>
    /// <param name="limit">Its value.</param>
    public static AccessError QuotaExceeded(string quota, int limit) => new("LimitExceeded", 409, $"Cannot exceed quota for {quota}: {limit}");

    /// <param name="reason">Why, as <see cref="AccessDecision.Reason"/> has it.</param>
    public static AccessError AccessDenied(string principalArn, string action, string resource, string reason) =>
        new("AccessDenied", 403, $"User: {principalArn} is not authorized to perform: {action} on resource: {resource} {reason}");

    /// <summary>AWS's answer for an access key that is not the account's, whoever asks.</summary>
    public static AccessError AccessKeyNotOurs(string principalArn, string accessKeyId) =>
        new("AccessDenied", 403, $"User: {principalArn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key {accessKeyId}");

    /// <param name="member">The member's name in lower camel case.</param>
    /// <param name="constraint">What it does not satisfy, such as <c>Member must not be null</c>.</param>
    public static AccessError Constraint(string member, string constraint) =>
        Validation($"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}");

    public static AccessError InvalidName(string member) =>
        Validation($"The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-");

    public static AccessError InvalidPath(string member) =>
        Validation($"The specified value for {member} is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.");

    public static AccessError InvalidDocument(string member) =>
        Validation($"The specified value for {member} is invalid. It must contain only printable ASCII characters.");

    public static AccessError MissingParameter(string name) => new("MissingParameter", 400, $"The request must contain the parameter {name}.");

    public static AccessError MalformedNumber(string name) => new("MalformedInput", 400, $"The value of {name} is not a number.");

    public static AccessError MalformedList(string name) => new("MalformedInput", 400, $"The members of {name} are not those of a list.");

    private static AccessError Validation(string message) => new("ValidationError", 400, message);

    private static AccessError NoSuchEntity(string message) => new("NoSuchEntity", 404, message);
}
