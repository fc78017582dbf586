using System.Collections.ObjectModel;

namespace Serverless.Access;

/// <summary>The kind of identity behind a request, named as CloudTrail's <c>userIdentity.type</c> names it.</summary>
public enum PrincipalType { Anonymous, Root, IAMUser, AWSService, Unknown }

/// <summary>Who makes a request.</summary>
/// <param name="Type">The kind of identity.</param>
/// <param name="Arn">The principal's ARN, <c>arn:aws:iam::ACCOUNT:root</c> or <c>arn:aws:iam::ACCOUNT:user/NAME</c>; empty for <see cref="PrincipalType.Anonymous"/> and <see cref="PrincipalType.Unknown"/>.</param>
/// <param name="AccountId">The account's 12 digits; empty for the same.</param>
/// <param name="UserName">The name that CloudTrail's LookupEvents calls Username: <c>root</c>, the user's name, or the service's.</param>
/// <param name="AccessKeyId">The access key that signed the request, or null.</param>
public sealed record Principal(PrincipalType Type, string Arn, string AccountId, string UserName, string? AccessKeyId)
{
    /// <summary>IAM's unique id of the principal (<c>aws:userid</c>, CloudTrail's <c>principalId</c>): <c>AIDA…</c> for a user, the account's id for root; empty for others.</summary>
    public string UserId { get; init; } = Type is PrincipalType.Root ? AccountId : "";

    /// <summary>The user's tags (<c>aws:PrincipalTag/KEY</c>), whose keys IAM does not distinguish by case; none for others.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The principal of a request that carries no credentials.</summary>
    public static Principal Anonymous { get; } = new(PrincipalType.Anonymous, "", "", "anonymous", null);

    /// <summary>Whoever makes a request that could not be authenticated.</summary>
    /// <param name="accessKeyId">The access key that it names, or null.</param>
    public static Principal Unverified(string? accessKeyId) => new(PrincipalType.Unknown, "", "", "anonymous", accessKeyId);

    /// <summary>The account's root principal, which may do everything.</summary>
    public static Principal Root(string accountId, string? accessKeyId) =>
        new(PrincipalType.Root, $"arn:aws:iam::{accountId}:root", accountId, "root", accessKeyId);

    /// <summary>The service itself, for what timers do.</summary>
    public static Principal Service(string accountId) =>
        new(PrincipalType.AWSService, "", accountId, "serverless-sse", null);
}
