using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Serverless.Access;

/// <summary>
/// The STS API, version 2011-06-15, of which this service has GetCallerIdentity: it has no temporary credentials
/// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
/// </summary>
public sealed class StsEndpoint(ILogger<StsEndpoint> logger)
{
    private readonly QueryProtocol protocol = new("sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/", logger);

    /// <summary>Answers one request whose signature is verified, or that is anonymous.</summary>
    public Task HandleAsync(HttpContext context, SignedRequest request, CancellationToken cancellationToken) =>
        protocol.AnswerAsync(context, request, (action, form, _) => Task.FromResult<IReadOnlyList<XElement>?>(Call(request.Caller.Principal, action, form)), cancellationToken);

    /// <summary>Whoever can sign may ask who it is; no policy denies that.</summary>
    private XElement[] Call(Principal caller, string action, QueryForm form)
    {
        switch (action)
        {
            case "GetCallerIdentity":
                RequestTelemetry.Current?.Operation = action;
                form.AllowOnly(action);
                return [new("Arn", caller.Arn), new("UserId", caller.UserId), new("Account", caller.AccountId)];
            case "AssumeRole" or "AssumeRoleWithSAML" or "AssumeRoleWithWebIdentity" or "AssumeRoot" or "GetFederationToken" or "GetSessionToken":
                throw new AccessException(QueryErrors.NoTemporaryCredentials(action));
            default:
                throw protocol.UnknownAction(action);
        }
    }
}
