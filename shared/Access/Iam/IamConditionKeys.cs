using Microsoft.Extensions.Primitives;

namespace Serverless.Access;

/// <summary>
/// The condition keys of a call of the IAM API: the tags of the user that it is about and those that it gives
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html), and before all the global ones.
/// </summary>
/// <param name="call">The call.</param>
/// <param name="target">The tags of the user that the call is about, as it is.</param>
/// <param name="global">The keys of every request.</param>
internal sealed class IamConditionKeys(IamCall call, IReadOnlyList<UserTag> target, GlobalConditionKeys global) : IConditionKeys
{
    private const string RequestTag = "aws:requesttag/";

    private static readonly string[] ResourceTags = ["aws:resourcetag/", "iam:resourcetag/"];

    public StringValues? Find(string key)
    {
        if (key == "aws:tagkeys")
        {
            return call.TagKeys.Count > 0 ? new StringValues([.. call.TagKeys]) : default(StringValues?);
        }
        if (key.StartsWith(RequestTag, StringComparison.Ordinal))
        {
            return ValueOf(call.Tags, key[RequestTag.Length..]);
        }
        foreach (var prefix in ResourceTags)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
            {
                return ValueOf(target, key[prefix.Length..]);
            }
        }
        return global.Find(key);
    }

    private static StringValues? ValueOf(IReadOnlyList<UserTag> tags, string key) =>
        tags.FirstOrDefault(tag => tag.Key.Equals(key, StringComparison.OrdinalIgnoreCase)) is { } tag ? new StringValues(tag.Value) : default(StringValues?);
}
