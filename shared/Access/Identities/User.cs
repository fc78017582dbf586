using System.Buffers;
using System.Collections.Frozen;

namespace Serverless.Access;

/// <summary>An IAM user with all that belongs to it: it is read, and changed, as one (https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html).</summary>
public sealed record User
{
    private const int MaxNameLength = 64;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-");

    /// <summary>The account's 12 digits.</summary>
    public required string AccountId { get; init; }

    /// <summary>1 to 64 characters of <c>A-Z a-z 0-9 _ + = , . @ -</c>; no two users' names differ in case alone.</summary>
    public required string Name { get; init; }

    /// <summary><c>/</c>, or 1 to 510 characters of ASCII between slashes.</summary>
    public string Path { get; init; } = "/";

    /// <summary>The unique id, <c>AIDA…</c>: it outlives a change of name, and a new user of an old name has another.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>At most 50; no two keys differ in case alone.</summary>
    public IReadOnlyList<UserTag> Tags { get; init; } = [];

    /// <summary>At most 2.</summary>
    public IReadOnlyList<AccessKey> AccessKeys { get; init; } = [];

    /// <summary>The inline policies, each with a name of its own.</summary>
    public IReadOnlyList<UserPolicy> Policies { get; init; } = [];

    /// <summary>The state that was read, for the store to compare; empty for a user that was never stored.</summary>
    public string ETag { get; init; } = "";

    public string Arn => ArnOf(AccountId, Path, Name);

    public static string ArnOf(string accountId, string path, string name) => $"arn:aws:iam::{accountId}:user{path}{name}";

    /// <summary>Whether a text could be a user's name; anything else need not be looked up.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= MaxNameLength && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>The user as who has signed with one of its keys.</summary>
    public Principal SigningWith(string accessKeyId) => new(PrincipalType.IAMUser, Arn, AccountId, Name, accessKeyId)
    {
        UserId = Id,
        Tags = Tags.ToFrozenDictionary(tag => tag.Key, tag => tag.Value, StringComparer.OrdinalIgnoreCase),
    };
}

/// <summary>A tag of a user.</summary>
public sealed record UserTag(string Key, string Value);

/// <summary>An inline policy: its document is kept, and given back, as it came.</summary>
public sealed record UserPolicy(string Name, string Document);

/// <summary>An access key of a user.</summary>
/// <param name="Id"><c>AKIA</c> and 16 characters of base32.</param>
/// <param name="WrappedSecret">The secret under the root key (<see cref="ISecretWrapping"/>).</param>
/// <param name="IsActive">Whether it may sign.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record AccessKey(string Id, byte[] WrappedSecret, bool IsActive, DateTimeOffset CreatedAt);
