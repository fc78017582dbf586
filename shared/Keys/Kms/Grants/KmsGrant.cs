using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>
/// A grant: lets a principal do some operations with a key, beside what policies say (https://docs.aws.amazon.com/kms/latest/developerguide/grants.html).
/// It never changes once it is made.
/// </summary>
public sealed record KmsGrant
{
    /// <summary>The size of <see cref="TokenKey"/>, in bytes.</summary>
    public const int TokenKeySize = 32;

    public required string Region { get; init; }

    /// <summary>The key's id.</summary>
    public required string KeyId { get; init; }

    /// <summary>64 hexadecimal digits, random.</summary>
    public required string Id { get; init; }

    /// <summary>1 to 256 characters, or null.</summary>
    public string? Name { get; init; }

    /// <summary>Who may do the operations.</summary>
    public required GrantPrincipal Grantee { get; init; }

    /// <summary>Who may end the grant besides, or null.</summary>
    public GrantPrincipal? Retiring { get; init; }

    /// <summary>Actions without the prefix <c>kms:</c>, each once, in ordinal order.</summary>
    public required IReadOnlyList<string> Operations { get; init; }

    /// <summary>What confines the operations that have an encryption context, or null.</summary>
    public GrantConstraint? Constraint { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What a repeated request for the same grant is known by: 64 hexadecimal digits, or null where none is recognized.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>What authenticates the grant's tokens (<see cref="GrantToken"/>); they are worth nothing without it.</summary>
    public required byte[] TokenKey { get; init; }
}

/// <summary>A principal in a grant.</summary>
/// <param name="Arn">The account's root, which stands for the account, or a user.</param>
/// <param name="Id">Its unique id: a new user of an old name is not meant.</param>
public sealed record GrantPrincipal(string Arn, string Id)
{
    public bool Is(Principal principal) => principal.Arn == Arn && principal.UserId == Id;
}

/// <summary>How a request's encryption context is held against the constraint's; the names are the API's.</summary>
public enum GrantConstraintType { EncryptionContextEquals, EncryptionContextSubset }

/// <summary>Confines a grant to encryption contexts. Keys and values are compared exactly, case included.</summary>
/// <param name="Type">How they are compared.</param>
/// <param name="Context">1 to 8 pairs.</param>
public sealed record GrantConstraint(GrantConstraintType Type, EncryptionContext Context)
{
    /// <summary>Whether a request with an encryption context meets it.</summary>
    public bool Admits(EncryptionContext context) => Type switch
    {
        GrantConstraintType.EncryptionContextEquals => context.Equals(Context),
        GrantConstraintType.EncryptionContextSubset => Includes(context, Context),
        _ => false,
    };

    /// <summary>Whether it admits nothing that another constraint does not.</summary>
    public bool IsAtLeastAsStrictAs(GrantConstraint? other) => other is null || (other.Type == GrantConstraintType.EncryptionContextEquals
        ? Type == GrantConstraintType.EncryptionContextEquals && Context.Equals(other.Context)
        : Includes(Context, other.Context));

    private static bool Includes(EncryptionContext context, EncryptionContext some) =>
        some.Pairs.All(pair => context.Pairs.TryGetValue(pair.Key, out string? value) && value == pair.Value);
}
