namespace Serverless.Access;

/// <summary>
/// Where the account's users are. A user's name and its access keys' ids are kept for it as long as it has them, in the same step that changes the user:
/// there is never a key without a user, nor a name or a key of two users.
/// </summary>
public interface IIdentityStore
{
    /// <summary>The user of that name, in whatever case it is written, or null. One read.</summary>
    ValueTask<User?> FindUserAsync(string name, CancellationToken cancellationToken);

    /// <summary>Whose an access key is, or null. One read.</summary>
    ValueTask<AccessKeyOwner?> FindOwnerAsync(string accessKeyId, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="limit"/> users, in the order of their names in lower case, from behind the name <paramref name="after"/> on.</summary>
    ValueTask<IReadOnlyList<User>> ListUsersAsync(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Adds a user, without access keys. False when its name is taken.</summary>
    ValueTask<bool> TryCreateAsync(User user, CancellationToken cancellationToken);

    /// <summary>Makes of a user what it is to be, name and access keys included. False when it is not as it was seen any more, or the new name is taken.</summary>
    ValueTask<bool> TryChangeAsync(User seen, User changed, CancellationToken cancellationToken);

    /// <summary>Removes a user, with its access keys if it has any. False when it is not as it was seen any more.</summary>
    ValueTask<bool> TryDeleteAsync(User seen, CancellationToken cancellationToken);

    /// <summary>Notes an access key's use. False when the owner is not as it was seen any more, as when the key was deleted or its use was noted.</summary>
    ValueTask<bool> TryNoteUseAsync(AccessKeyOwner seen, AccessKeyUse use, CancellationToken cancellationToken);
}

/// <summary>Whose an access key is.</summary>
/// <param name="UserName">The user's name, in lower case.</param>
/// <param name="LastUse">The last use that was noted, or null.</param>
/// <param name="ETag">The state that was read, for the store to compare.</param>
public sealed record AccessKeyOwner(string AccessKeyId, string UserName, AccessKeyUse? LastUse, string ETag);

/// <summary>A request that an access key has signed.</summary>
/// <param name="At">When.</param>
/// <param name="Service">The service in the credential's scope.</param>
/// <param name="Region">The Region in the credential's scope.</param>
public sealed record AccessKeyUse(DateTimeOffset At, string Service, string Region);
