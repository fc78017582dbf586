using System.Xml.Linq;

namespace Serverless.Access;

/// <summary>TagUser, UntagUser and ListUserTags.</summary>
internal sealed class UserTagOperations(IamUsers users)
{
    public async Task<IReadOnlyList<XElement>?> TagUserAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, tags) = (request.RequiredUserName, request.RequiredTags);
        await users.ChangeAsync(call, name, user =>
        {
            List<UserTag> all = [.. Without(user.Tags, tags.Select(tag => tag.Key)), .. tags];
            return all.Count > IamTags.MaxTags ? throw new AccessException(IamErrors.QuotaExceeded("TagsPerUser", IamTags.MaxTags)) : new(user with { Tags = all });
        }, cancellationToken);
        return null;
    }

    public async Task<IReadOnlyList<XElement>?> UntagUserAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, keys) = (request.RequiredUserName, request.TagKeys);
        await users.ChangeAsync(call, name, user => new(user with { Tags = [.. Without(user.Tags, keys)] }), cancellationToken);
        return null;
    }

    public async Task<IReadOnlyList<XElement>?> ListUserTagsAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, marker, maxItems) = (request.RequiredUserName, request.Marker, request.MaxItems);
        var user = await users.FindAsync(call, name, cancellationToken);
        return IamPage<UserTag>.Of(user.Tags, tag => tag.Key, marker, maxItems).ToResult("Tags", ContentOf);
    }

    public static XElement[] ContentOf(UserTag tag) => [new("Key", tag.Key), new("Value", tag.Value)];

    private static IEnumerable<UserTag> Without(IReadOnlyList<UserTag> tags, IEnumerable<string> keys) => tags.ExceptBy(keys, tag => tag.Key, StringComparer.OrdinalIgnoreCase);
}
