using Serverless.Access;
using Serverless.Keys;

namespace Serverless.Objects.Admin;

/// <summary>What the admin API answers instead of a result. All of them are made in <see cref="AdminErrors"/>.</summary>
/// <param name="Code">The exception's name.</param>
/// <param name="Message">For people; never empty.</param>
/// <param name="Status">The HTTP status.</param>
public sealed record AdminError(string Code, string Message, int Status = 400);

/// <summary>Carries an <see cref="AdminError"/> to the place that answers.</summary>
public sealed class AdminException(AdminError error) : Exception(error.Message)
{
    public AdminError Error { get; } = error;
}

/// <summary>
/// Every error of the admin API: those that all of AWS's JSON APIs have (https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html), in KMS's words where it has some.
/// </summary>
public static class AdminErrors
{
    public static AdminError UnknownOperation { get; } = new("UnknownOperationException", "The operation is not one that this service knows.");

    public static AdminError MissingAuthentication { get; } = new("MissingAuthenticationTokenException", "Missing Authentication Token");

    public static AdminError TooLarge { get; } = new("RequestEntityTooLargeException", $"The request's body is larger than {AdminRequest.MaxBytes} bytes.", 413);

    public static AdminError NotAnObject { get; } = Serialization("The request is not a JSON object.");

    public static AdminError NotUnicode { get; } = Serialization("A string is not well-formed Unicode.");

    public static AdminError AuditUnavailable { get; } = new(
        "ServiceUnavailableException", "The audit trail cannot be written, and without it nothing is changed. Try again.", 503);

    /// <summary>The store or the root key's provider does not answer; the log says which.</summary>
    public static AdminError Unavailable { get; } = new("ServiceUnavailableException", "The service cannot reach what it needs to answer. Try again.", 503);

    public static AdminError Internal { get; } = new("InternalFailure", "The service failed to answer. Try again.", 500);

    /// <summary>A request that is signed for another service or Region.</summary>
    public static AdminError WrongScope(string region) =>
        new("InvalidSignatureException", $"Credential should be scoped to the service '{AdminEndpoint.Service}' and to the region '{region}'.");

    /// <param name="principal">The ARN of who was refused.</param>
    /// <param name="reason">Why, as <see cref="AccessDecision.Reason"/> has it.</param>
    public static AdminError AccessDenied(string principal, string action, string reason) =>
        new("AccessDeniedException", $"User: {principal} is not authorized to perform: {action} {reason}");

    /// <summary>A member of the request is not of the type that the operation takes.</summary>
    public static AdminError WrongType(string member) => Serialization($"{member} is not of the type that the operation takes.");

    /// <summary>A misspelt member is not taken for one that was left out.</summary>
    public static AdminError UnknownMember(string operation, IReadOnlyCollection<string> members) => Validation(
        $"The request has a member that {operation} does not take: it takes {(members.Count == 0 ? "none" : string.Join(", ", members))}.");

    /// <summary>A token that was altered, or is of another list.</summary>
    public static AdminError InvalidToken { get; } = Validation("The NextToken is not one that this list was answered with.");

    public static AdminError NoSuchKey { get; } = new(
        "NotFoundException", $"There is no such key. Name the master key as '{KeyVersionName.Master}', and a KMS key by its id, ARN or alias.");

    public static AdminError Missing(string member) => BrokenConstraint("null", member, "Member must not be null");

    /// <summary>A member of the request breaks its constraint.</summary>
    public static AdminError Constraint(string value, string member, string constraint) => BrokenConstraint($"'{value}'", member, constraint);

    public static AdminError Validation(string message) => new("ValidationException", message);

    private static AdminError Serialization(string message) => new("SerializationException", message);

    private static AdminError BrokenConstraint(string value, string member, string constraint) =>
        Validation($"1 validation error detected: Value {value} at '{AdminRequest.Camel(member)}' failed to satisfy constraint: {constraint}");
}
