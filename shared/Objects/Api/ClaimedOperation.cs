using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Keys;
using Serverless.Objects.Admin;
using Serverless.Objects.Operations;

namespace Serverless.Objects.Api;

/// <summary>What a request that could not be authenticated was for, as far as can be told from what it looks like, in CloudTrail's terms.</summary>
/// <param name="EventSource">The API.</param>
/// <param name="EventName">The operation, or <see cref="Unknown"/>.</param>
/// <param name="IsReadOnly">Whether the operation changes nothing.</param>
/// <param name="Parameters">The bucket and the object, or null.</param>
public sealed partial record ClaimedOperation(string EventSource, string EventName, bool IsReadOnly, JsonObject? Parameters = null)
{
    public const string Unknown = nameof(Unknown);

    /// <summary>A request of one of the JSON APIs.</summary>
    /// <param name="target">Its X-Amz-Target.</param>
    public static ClaimedOperation OfTarget(string target)
    {
        var name = NameOf(target[(target.LastIndexOf('.') + 1)..]);
        return CloudTrailEndpoint.IsTarget(target) ? new("cloudtrail.amazonaws.com", name, IsReading(name))
            : AdminEndpoint.IsTarget(target) ? new(AdminTrail.EventSource, name, IsReading(name))
            : new("kms.amazonaws.com", name, KmsEndpoint.IsReadOnly(name));
    }

    /// <summary>A request of one of the query APIs.</summary>
    /// <param name="service">The service that its credential names.</param>
    /// <param name="action">The action that it names, or null.</param>
    public static ClaimedOperation OfQuery(string service, string? action)
    {
        var name = NameOf(action ?? "");
        return new(service is "sts" ? "sts.amazonaws.com" : "iam.amazonaws.com", name, IsReading(name));
    }

    /// <summary>A request to S3.</summary>
    /// <param name="address">Its bucket and object; null where they cannot be told.</param>
    /// <param name="query">Its query; null where that is malformed.</param>
    public static ClaimedOperation OfS3(HttpRequest request, S3Address? address, QueryParameters? query)
    {
        var isReading = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (address is not { } place || query is null) return new("s3.amazonaws.com", Unknown, isReading);
        var operation = S3Operations.Resolve(request.Method, place.BucketName, place.Key, query, request.Headers.ContainsKey(CopySource.Header));
        var name = operation is S3Operation.NotImplemented or S3Operation.MethodNotAllowed ? Unknown : BucketTrail.EventName(operation) ?? operation.ToString();
        JsonObject? parameters = place.BucketName.Length == 0 ? null : new() { ["bucketName"] = place.BucketName };
        if (place.Key.Length > 0) parameters?["key"] = place.Key;
        return new("s3.amazonaws.com", name, isReading, parameters);
    }

    private static string NameOf(string text) => OperationName().IsMatch(text) ? text : Unknown;

    private static bool IsReading(string name) =>
        name.StartsWith("Get", StringComparison.Ordinal) || name.StartsWith("List", StringComparison.Ordinal)
        || name.StartsWith("Describe", StringComparison.Ordinal) || name.StartsWith("Lookup", StringComparison.Ordinal);

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex OperationName();
}
