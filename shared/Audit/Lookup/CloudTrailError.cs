using Serverless.Access;

namespace Serverless.Audit;

/// <summary>
/// An error of the CloudTrail API, as a caller sees it
/// (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html#API_LookupEvents_Errors).
/// </summary>
internal sealed record CloudTrailError(string Code, int Status, string Message)
{
    /// <summary>The one action, as policies name it.</summary>
    public const string LookupEvents = "cloudtrail:LookupEvents";

    public static CloudTrailError UnknownOperation { get; } = new("UnknownOperationException", 400, "The operation is not one of this service's: LookupEvents.");

    public static CloudTrailError Serialization { get; } = new("SerializationException", 400, "The request's body is not the JSON that the operation takes.");

    public static CloudTrailError TooLarge { get; } = new("RequestEntityTooLargeException", 413, $"The request's body is larger than {LookupRequest.MaxBytes} bytes.");

    public static CloudTrailError OneAttribute { get; } = new("InvalidLookupAttributesException", 400, "Only one lookup attribute can be given in a request.");

    public static CloudTrailError AttributeKey { get; } = new("InvalidLookupAttributesException", 400,
        "The attribute key must be one of EventId, EventName, ReadOnly, Username, ResourceType, ResourceName, EventSource, AccessKeyId.");

    public static CloudTrailError AttributeValue { get; } = new("InvalidLookupAttributesException", 400, "The attribute value must have 1 to 2000 characters.");

    public static CloudTrailError MaxResults { get; } = new("InvalidMaxResultsException", 400, "MaxResults must be from 1 to 50.");

    public static CloudTrailError TimeRange { get; } = new("InvalidTimeRangeException", 400, "The start time is after the end time, or a time is out of range.");

    public static CloudTrailError NextToken { get; } = new("InvalidNextTokenException", 400, "The token is not valid, or was given out for a request with other parameters.");

    public static CloudTrailError EventCategory { get; } = new("InvalidEventCategoryException", 400, "The event category must be insight, or be left out.");

    public static CloudTrailError Internal { get; } = new("InternalFailure", 500, "The service failed to answer; try again.");

    /// <summary>A request that is signed for another service or Region.</summary>
    public static CloudTrailError WrongScope(string region) =>
        new("InvalidSignatureException", 400, $"Credential should be scoped to the service 'cloudtrail' and to the region '{region}'.");

    /// <param name="principal">The ARN of who was refused, or a word for who has none.</param>
    /// <param name="reason">Why, as <see cref="AccessDecision.Reason"/> has it.</param>
    public static CloudTrailError AccessDenied(string principal, string reason) =>
        new("AccessDeniedException", 400, $"User: {principal} is not authorized to perform: {LookupEvents} {reason}");
}

/// <summary>Carries an error to the one place that answers.</summary>
internal sealed class CloudTrailException(CloudTrailError error) : Exception(error.Message)
{
    public CloudTrailError Error { get; } = error;
}
