using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Serverless.Objects.Api;

namespace Serverless.Functions;

/// <summary>
/// One function per verb, each for every path: the Functions host matches <c>{*path}</c> against <c>/</c>, <c>//</c> and trailing slashes alike,
/// which routes with a bucket and a key do not. Which operation a request is, <see cref="S3Operations"/> says.
/// </summary>
public sealed class HttpFunctions(ServiceEndpoint service)
{
    [Function("Get")]
    public Task Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "{*path}")] HttpRequest request) => service.HandleAsync(request.HttpContext);

    [Function("Head")]
    public Task Head([HttpTrigger(AuthorizationLevel.Anonymous, "head", Route = "{*path}")] HttpRequest request) => service.HandleAsync(request.HttpContext);

    [Function("Put")]
    public Task Put([HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "{*path}")] HttpRequest request) => service.HandleAsync(request.HttpContext);

    [Function("Post")]
    public Task Post([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "{*path}")] HttpRequest request) => service.HandleAsync(request.HttpContext);

    [Function("Delete")]
    public Task Delete([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "{*path}")] HttpRequest request) => service.HandleAsync(request.HttpContext);

    [Function("Options")]
    public Task Options([HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "{*path}")] HttpRequest request) => service.HandleAsync(request.HttpContext);
}
