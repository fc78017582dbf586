using System.Collections.Frozen;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Serverless.Access;

/// <summary>The core of the IAM API, version 2010-05-08: users, their access keys, inline policies and tags (https://docs.aws.amazon.com/IAM/latest/APIReference/).</summary>
public sealed class IamEndpoint
{
    private readonly FrozenDictionary<string, (Handler Handler, string[] Parameters)> operations;
    private readonly QueryProtocol protocol;
    private readonly IIamTrail trail;

    internal IamEndpoint(
        UserOperations users, AccessKeyOperations keys, UserPolicyOperations policies, UserTagOperations tags, IIamTrail trail, ILogger<IamEndpoint> logger)
    {
        protocol = new("iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/", logger);
        this.trail = trail;
        // A list's name ends with a dot.
        operations = new Dictionary<string, (Handler, string[])>
        {
            ["CreateUser"] = (users.CreateUserAsync, ["UserName", "Path", "Tags."]),
            ["GetUser"] = (users.GetUserAsync, ["UserName"]),
            ["ListUsers"] = (users.ListUsersAsync, ["PathPrefix", "Marker", "MaxItems"]),
            ["UpdateUser"] = (users.UpdateUserAsync, ["UserName", "NewUserName", "NewPath"]),
            ["DeleteUser"] = (users.DeleteUserAsync, ["UserName"]),
            ["CreateAccessKey"] = (keys.CreateAccessKeyAsync, ["UserName"]),
            ["ListAccessKeys"] = (keys.ListAccessKeysAsync, ["UserName", "Marker", "MaxItems"]),
            ["UpdateAccessKey"] = (keys.UpdateAccessKeyAsync, ["UserName", "AccessKeyId", "Status"]),
            ["DeleteAccessKey"] = (keys.DeleteAccessKeyAsync, ["UserName", "AccessKeyId"]),
            ["GetAccessKeyLastUsed"] = (keys.GetAccessKeyLastUsedAsync, ["AccessKeyId"]),
            ["PutUserPolicy"] = (policies.PutUserPolicyAsync, ["UserName", "PolicyName", "PolicyDocument"]),
            ["GetUserPolicy"] = (policies.GetUserPolicyAsync, ["UserName", "PolicyName"]),
            ["ListUserPolicies"] = (policies.ListUserPoliciesAsync, ["UserName", "Marker", "MaxItems"]),
            ["DeleteUserPolicy"] = (policies.DeleteUserPolicyAsync, ["UserName", "PolicyName"]),
            ["TagUser"] = (tags.TagUserAsync, ["UserName", "Tags."]),
            ["UntagUser"] = (tags.UntagUserAsync, ["UserName", "TagKeys."]),
            ["ListUserTags"] = (tags.ListUserTagsAsync, ["UserName", "Marker", "MaxItems"]),
        }.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Decides a call, records it if it changes anything, and only then carries it out.</summary>
    /// <returns>The members of its result, or null where it has none.</returns>
    private delegate Task<IReadOnlyList<XElement>?> Handler(IamRequest request, IamCall call, CancellationToken cancellationToken);

    /// <summary>Answers one request whose signature is verified, or that is anonymous.</summary>
    public Task HandleAsync(HttpContext context, SignedRequest request, CancellationToken cancellationToken) =>
        protocol.AnswerAsync(context, request, (action, form, token) => CallAsync(request, action, form, token), cancellationToken);

    private async Task<IReadOnlyList<XElement>?> CallAsync(SignedRequest request, string action, QueryForm form, CancellationToken cancellationToken)
    {
        if (!operations.TryGetValue(action, out var operation))
        {
            throw protocol.UnknownAction(action);
        }
        RequestTelemetry.Current?.Operation = action;
        var call = new IamCall(action, request.Caller, request.Region);
        try
        {
            form.AllowOnly(action, operation.Parameters);
            return await operation.Handler(new IamRequest(form, call), call, cancellationToken);
        }
        catch (AccessException refused) when (refused.Error.Status < StatusCodes.Status500InternalServerError)
        {
            // Perhaps after it was recorded as about to take effect, when a race was lost.
            if (!await trail.TryRecordAsync(call.ToEvent(refused.Error), cancellationToken))
            {
                throw new AccessException(IamErrors.AuditUnavailable);
            }
            throw;
        }
    }
}
