using Microsoft.Extensions.Primitives;

namespace Serverless.Access;

/// <summary>
/// The global condition keys, <c>aws:…</c>, of a request (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
/// Each API puts its own keys before these.
/// </summary>
/// <param name="caller">Who asks, and from where.</param>
/// <param name="region">The Region that the request is for (<c>aws:RequestedRegion</c>).</param>
/// <param name="now">The time of the request.</param>
public sealed class GlobalConditionKeys(Caller caller, string region, DateTimeOffset now) : IConditionKeys
{
    public StringValues? Find(string key) => throw new NotImplementedException($"{key} {caller} {region} {now}");
}
