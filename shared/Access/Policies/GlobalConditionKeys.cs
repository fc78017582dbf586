using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Serverless.Access;

/// <summary>
/// The global condition keys, <c>aws:…</c>, of a request (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
/// Each API puts its own keys before these.
/// </summary>
/// <param name="caller">Who asks, and from where.</param>
/// <param name="region">The Region that the request is for (<c>aws:RequestedRegion</c>).</param>
/// <param name="now">The time of the request.</param>
/// <param name="resourceAccount">The account of the resource (<c>aws:ResourceAccount</c>), or null where the request concerns none.</param>
public sealed class GlobalConditionKeys(Caller caller, string region, DateTimeOffset now, string? resourceAccount = null) : IConditionKeys
{
    private const string PrincipalTag = "aws:principaltag/";

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable says which principal has which value.
    public StringValues? Find(string key) => key switch
    {
        "aws:currenttime" => IsoTime.Of(now),
        "aws:epochtime" => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        "aws:principalaccount" => Present(caller.Principal.AccountId),
        "aws:principalarn" => Present(caller.Principal.Arn),
        "aws:principalisawsservice" or "aws:viaawsservice" => "false",
        "aws:principaltype" => caller.Principal.Type switch
        {
            PrincipalType.Root => "Account",
            PrincipalType.IAMUser => "User",
            PrincipalType.Anonymous => "Anonymous",
            _ => default(StringValues?),
        },
        "aws:referer" => Present(caller.Referer),
        "aws:requestedregion" => region,
        "aws:resourceaccount" => Present(resourceAccount),
        "aws:securetransport" => caller.IsSecureTransport ? "true" : "false",
        "aws:sourceip" => Present(caller.SourceAddress?.ToString()),
        "aws:useragent" => Present(caller.UserAgent),
        "aws:userid" => caller.Principal.Type is PrincipalType.Anonymous ? "anonymous" : Present(caller.Principal.UserId),
        "aws:username" => caller.Principal.Type is PrincipalType.IAMUser ? caller.Principal.UserName : default(StringValues?),
        _ when key.StartsWith(PrincipalTag, StringComparison.Ordinal) => caller.Principal.Tags.TryGetValue(key[PrincipalTag.Length..], out var tag) ? tag : default(StringValues?),
        _ => null,
    };

    private static StringValues? Present(string? value) => string.IsNullOrEmpty(value) ? default(StringValues?) : new StringValues(value);
}
