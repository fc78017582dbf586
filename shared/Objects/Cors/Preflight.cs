using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;

namespace Serverless.Objects.Cors;

/// <summary>
/// The question of a browser whether a page of another origin may make a request (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html). It carries no signature,
/// and is not told whether there is such an object.
/// </summary>
public sealed class Preflight(IBucketStore buckets, S3Addressing addressing)
{
    private const string OfBucket = "BUCKET";
    private const string OfObject = "OBJECT";

    private static readonly S3Error NoOrigin = BadRequest("Insufficient information. Origin request header needed.");

    /// <exception cref="S3Exception">BadRequest, or AccessForbidden where no rule allows it.</exception>
    public async Task HandleAsync(HttpContext http)
    {
        if (CorsRequest.Of(http.Request) is not { } request) throw new S3Exception(NoOrigin);
        var address = addressing.Find(http.Request);
        var bucket = BucketName.IsValid(address.BucketName) ? await buckets.FindAsync(address.BucketName, http.RequestAborted).ConfigureAwait(false) : null;
        if (bucket is null) throw Forbidden("CORSResponse: Bucket not found", request, OfBucket);
        if (bucket.Cors is not { } cors) throw Forbidden("CORSResponse: CORS is not enabled for this bucket.", request, OfBucket);
        var asked = http.Request.Headers[HeaderNames.AccessControlRequestMethod];
        // S3 writes "null" where there is none.
        if (!CorsRule.Methods.Contains(asked.ToString())) throw new S3Exception(BadRequest($"Invalid Access-Control-Request-Method: {(asked.Count == 0 ? "null" : asked)}"));
        var rule = cors.Rules.FirstOrDefault(rule => rule.Allows(request)) ?? throw Forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or "
            + "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.", request, address.Key.Length > 0 ? OfObject : OfBucket);

        S3Endpoint.WriteIds(http);
        CorsAnswer.Write(http.Response.Headers, rule, request);
        http.Response.ContentLength = 0;
    }

    private static S3Error BadRequest(string message) => new("BadRequest", StatusCodes.Status400BadRequest, message);

    private static S3Exception Forbidden(string message, CorsRequest request, string resourceType) => new(new S3Error(
        "AccessForbidden", StatusCodes.Status403Forbidden, message, new("Method", request.Method), new("ResourceType", resourceType)));
}
