using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Serverless.LocalHost.Functions;

namespace Serverless.LocalHost.Http;

/// <summary>
/// Hands each request to the function of its verb. There is no routing, because the route is always the catch-all: a router would refuse or rewrite
/// paths that are good S3 keys (<c>//</c>, <c>/%2F</c>, <c>/a/../b</c>).
/// </summary>
internal sealed class HttpDispatcher
{
    /// <summary>What the Functions host keeps for itself.</summary>
    private static readonly string[] Reserved = ["/admin/host", "/admin/functions", "/runtime/webhooks"];

    private readonly FrozenDictionary<string, FunctionMethod> _functions;
    private readonly string _allow;
    private readonly ILogger<HttpDispatcher> _logger;

    /// <exception cref="StartupException">Two functions serve one verb.</exception>
    public HttpDispatcher(FunctionCatalog catalog, ILogger<HttpDispatcher> logger)
    {
        var functions = new Dictionary<string, FunctionMethod>();
        foreach (var function in catalog.Http)
            foreach (var verb in function.Verbs)
                if (!functions.TryAdd(verb, function.Method))
                    throw new StartupException($"The functions {functions[verb].Name} and {function.Method.Name} both serve {verb}.");
        _functions = functions.ToFrozenDictionary();
        _allow = string.Join(", ", _functions.Keys.Order(StringComparer.Ordinal));
        _logger = logger;
    }

    public Task DispatchAsync(HttpContext context)
    {
        if (IsReserved(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        if (_functions.TryGetValue(context.Request.Method, out var function)) return InvokeAsync(function, context);
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = _allow;
        return Task.CompletedTask;
    }

    private async Task InvokeAsync(FunctionMethod function, HttpContext context)
    {
        try
        {
            // As under the real host, the context's token does not fire when the client goes; HttpContext.RequestAborted does.
            var result = await function.InvokeAsync(context.Request, new Invocation(function, context.RequestServices, CancellationToken.None));
            if (result is not null) await result.ExecuteResultAsync(new ActionContext(context, context.GetRouteData(), new()));
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: nobody is left to answer, and whatever failed did so for that.
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            // The client broke off its body, or HTTP's rules.
            context.Response.StatusCode = exception.StatusCode;
        }
        catch (Exception exception)
        {
            _logger.LogError(exception, "Function {Function} failed", function.Name);
            if (context.Response.HasStarted)
            {
                // A body that ends early must not look whole.
                context.Abort();
                return;
            }
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private static bool IsReserved(string rawTarget)
    {
        if (rawTarget is not ['/', 'a' or 'A' or 'r' or 'R', ..]) return false;
        foreach (var prefix in Reserved)
            if (rawTarget.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && (rawTarget.Length == prefix.Length || rawTarget[prefix.Length] is '/' or '?'))
                return true;
        return false;
    }
}
