using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Serverless.Access;

/// <summary>One API of the query protocol: an action and its parameters come in, XML goes out (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html).</summary>
/// <param name="name">The API's name in measurements.</param>
/// <param name="version">The API's one version.</param>
/// <param name="xmlNamespace">The namespace of its documents.</param>
/// <param name="logger">Told what fails.</param>
internal sealed class QueryProtocol(string name, string version, XNamespace xmlNamespace, ILogger logger)
{
    public const string Action = "Action";
    public const string Version = "Version";

    /// <summary>Carries out an action.</summary>
    /// <returns>The members of its result, or null where it has none.</returns>
    public delegate Task<IReadOnlyList<XElement>?> Operation(string action, QueryForm form, CancellationToken cancellationToken);

    /// <summary>Answers one request whose signature is verified. Whatever happens but the client's going, the answer is one of the API's.</summary>
    public async Task AnswerAsync(HttpContext context, SignedRequest request, Operation operation, CancellationToken cancellationToken)
    {
        var requestId = request.Caller.RequestId;
        RequestTelemetry.Current?.Api = name;
        try
        {
            var (action, result) = await CallAsync(context.Request, request, operation, cancellationToken);
            await QueryAnswer.SendAsync(context, requestId, StatusCodes.Status200OK, xmlNamespace, QueryAnswer.Success(action, result, requestId), cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var error = failure is AccessException refused ? refused.Error : QueryErrors.ServiceFailure;
            RequestTelemetry.Current?.Error = error.Code;
            if (error.Status >= StatusCodes.Status500InternalServerError)
            {
                logger.LogError(failure, "The request {RequestId} failed.", requestId);
            }
            await QueryAnswer.SendAsync(context, requestId, error.Status, xmlNamespace, QueryAnswer.Refusal(error, requestId), cancellationToken);
        }
    }

    /// <summary>The refusal of an action that the API does not have.</summary>
    public AccessException UnknownAction(string action) => new(QueryErrors.InvalidAction(action, version));

    private async Task<(string Action, IReadOnlyList<XElement>? Result)> CallAsync(
        HttpRequest request, SignedRequest signed, Operation operation, CancellationToken cancellationToken)
    {
        if (signed.IsAnonymous)
        {
            throw new AccessException(QueryErrors.MissingAuthenticationToken);
        }
        // These APIs are of no Region: clients sign for whichever they are set to.
        if (!signed.HasRegionName)
        {
            throw new AccessException(QueryErrors.InvalidRegion);
        }
        var form = await QueryForm.ReadAsync(request, signed, cancellationToken);
        var action = form.Find(Action) ?? throw new AccessException(QueryErrors.MissingAction);
        if (form.Find(Version) is var asked && asked != version)
        {
            throw new AccessException(QueryErrors.InvalidAction(action, asked));
        }
        return (action, await operation(action, form, cancellationToken));
    }
}
