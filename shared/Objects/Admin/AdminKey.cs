using Serverless.Access;
using Serverless.Keys;

namespace Serverless.Objects.Admin;

/// <summary>The key that a request names by its member <c>KeyId</c>: <c>master</c>, or a KMS key by its id, alias or either's ARN. A key that is deleted is named by its id or ARN.</summary>
public sealed class AdminKey(IKmsKeys kms, ServiceIdentity identity)
{
    public const string Member = "KeyId";

    private const int MaxLength = 2048;

    /// <returns>Its name, as <see cref="KeyVersionName.Key"/> has it.</returns>
    /// <exception cref="AdminException">It is none, or there is no such alias.</exception>
    public async ValueTask<string> ReadAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        var text = request.RequiredText(Member, MaxLength);
        if (KeyVersionName.Of(text, identity.Region, identity.AccountId) is { } key) return key;
        return await kms.ResolveAsync(text, identity.Region, cancellationToken).ConfigureAwait(false) is { } arn && KeyVersionName.Of(arn, identity.Region, identity.AccountId) is { } resolved
            ? resolved
            : throw new AdminException(AdminErrors.NoSuchKey);
    }
}
