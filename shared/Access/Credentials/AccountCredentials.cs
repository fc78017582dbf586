namespace Serverless.Access;

/// <summary>All access keys of the account: the root principal's, which needs no store, and the users'.</summary>
public sealed class AccountCredentials(RootCredentials root, UserCredentials users) : ICredentials
{
    public async ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) =>
        await root.FindAsync(accessKeyId, cancellationToken) ?? await users.FindAsync(accessKeyId, cancellationToken);
}
