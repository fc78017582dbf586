using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.LocalHost.SampleApp;

public sealed class HttpFunctions(Journal journal)
{
    /// <summary>Answers with the raw target; <c>/slow</c> takes two seconds, <c>/fail</c> fails, <c>/break</c> fails in the middle of its answer.</summary>
    [Function("Get")]
    public async Task Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "{*path}")] HttpRequest request, FunctionContext context)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var response = request.HttpContext.Response;
        journal.Entries.Enqueue($"{context.FunctionDefinition.Name} {target}");
        if (target == "/fail") throw new InvalidOperationException("as asked");
        if (target == "/slow")
        {
            await response.WriteAsync("begun ");
            await response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromSeconds(2));
        }
        if (target == "/break")
        {
            response.ContentLength = 100;
            await response.WriteAsync("half");
            await response.Body.FlushAsync();
            throw new InvalidOperationException("as asked");
        }
        await response.WriteAsync(target);
    }

    /// <summary>Answers with the number of bytes received.</summary>
    [Function("Put")]
    public static async Task<IActionResult> Put([HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "{*path}")] HttpRequest request, CancellationToken cancellationToken)
    {
        var length = 0L;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            length += read.Buffer.Length;
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) break;
        }
        request.HttpContext.Response.Headers["x-length"] = length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new StatusCodeResult(StatusCodes.Status201Created);
    }
}
