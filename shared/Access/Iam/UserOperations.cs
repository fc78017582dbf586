using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Serverless.Access;

/// <summary>CreateUser, GetUser, ListUsers, UpdateUser and DeleteUser.</summary>
internal sealed class UserOperations(IamUsers users, IIdentityStore store, ServiceIdentity identity, TimeProvider time)
{
    /// <summary>How many users are read at a time where most are left out.</summary>
    private const int BatchSize = 1000;

    public async Task<IReadOnlyList<XElement>?> CreateUserAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var user = new User
        {
            AccountId = identity.AccountId,
            Name = request.RequiredNewName("UserName"),
            Path = request.Path("Path") ?? "/",
            Tags = request.Tags,
            Id = UniqueId.NewUserId(),
            CreatedAt = time.GetUtcNow(),
        };
        call.Response = new JsonObject
        {
            ["user"] = new JsonObject
            {
                ["path"] = user.Path,
                ["userName"] = user.Name,
                ["userId"] = user.Id,
                ["arn"] = user.Arn,
                ["createDate"] = RecordedTime(user.CreatedAt),
            },
        };
        await users.CreateAsync(call, user, cancellationToken);
        return [new("User", ContentOf(user), TagsOf(user))];
    }

    /// <summary>The root principal is no user, but is answered when it asks for itself.</summary>
    public async Task<IReadOnlyList<XElement>?> GetUserAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, caller) = (request.UserName, call.Caller.Principal);
        if (name is null && caller.Type is PrincipalType.Root)
        {
            return [new("User", new XElement("UserId", caller.UserId), new XElement("Arn", caller.Arn))];
        }
        var user = await users.FindAsync(call, name, cancellationToken);
        return [new("User", ContentOf(user), TagsOf(user))];
    }

    public async Task<IReadOnlyList<XElement>?> ListUsersAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (prefix, marker, maxItems) = (request.PathPrefix, request.Marker, request.MaxItems);
        users.Authorize(call, User.ArnOf(identity.AccountId, prefix, ""));
        var (matching, after, batch) = (new List<User>(), marker, prefix == "/" ? maxItems + 1 : BatchSize);
        while (matching.Count <= maxItems)
        {
            var read = await store.ListUsersAsync(after, batch, cancellationToken);
            matching.AddRange(read.Where(user => user.Path.StartsWith(prefix, StringComparison.Ordinal)));
            if (read.Count < batch)
            {
                break;
            }
            after = KeyOf(read[^1]);
        }
        return IamPage<User>.Of(matching, KeyOf, marker, maxItems).ToResult("Users", ContentOf);
    }

    /// <summary>Changes name and path. The caller must be permitted to do so to the user under its old and under its new name; the trail finds the change by the old one.</summary>
    public async Task<IReadOnlyList<XElement>?> UpdateUserAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, newName, newPath) = (request.RequiredUserName, request.NewName("NewUserName"), request.Path("NewPath"));
        await users.ChangeAsync(call, name, async user =>
        {
            var changed = user with { Name = newName ?? user.Name, Path = newPath ?? user.Path };
            users.Require(call, changed.Arn, user);
            return KeyOf(changed) != KeyOf(user) && await store.FindUserAsync(changed.Name, cancellationToken) is not null
                ? throw new AccessException(IamErrors.UserExists(changed.Name))
                : changed;
        }, cancellationToken);
        return null;
    }

    public async Task<IReadOnlyList<XElement>?> DeleteUserAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        await users.DeleteAsync(call, request.RequiredUserName, static user =>
        {
            if (user.Policies.Count > 0) throw new AccessException(IamErrors.HasPolicies);
            if (user.AccessKeys.Count > 0) throw new AccessException(IamErrors.HasAccessKeys);
        }, cancellationToken);
        return null;
    }

    /// <summary>CloudTrail's form of a time in what IAM has answered, such as <c>Mar 5, 2026 9:04:07 AM</c>.</summary>
    public static string RecordedTime(DateTimeOffset time) => time.UtcDateTime.ToString("MMM d, yyyy h:mm:ss tt", CultureInfo.InvariantCulture);

    private static string KeyOf(User user) => user.Name.ToLowerInvariant();

    private static XElement[] ContentOf(User user) =>
    [
        new("Path", user.Path),
        new("UserName", user.Name),
        new("UserId", user.Id),
        new("Arn", user.Arn),
        new("CreateDate", IsoTime.Of(user.CreatedAt)),
    ];

    private static XElement? TagsOf(User user) =>
        user.Tags.Count == 0 ? null : new XElement("Tags", user.Tags.Select(tag => new XElement("member", UserTagOperations.ContentOf(tag))));
}
