namespace Serverless.Access;

/// <summary>The account's principals: its root, which needs no store, and its users.</summary>
public sealed class AccountPrincipals(ServiceIdentity identity, IIdentityStore store) : IPrincipals
{
    private readonly Principal root = Principal.Root(identity.AccountId, null);
    private readonly string users = User.ArnOf(identity.AccountId, "/", "");

    public async ValueTask<string?> FindIdAsync(string arn, CancellationToken cancellationToken)
    {
        if (arn == root.Arn)
        {
            return root.UserId;
        }
        var name = arn[(arn.LastIndexOf('/') + 1)..];
        // The store finds a name in any case and whatever the path is; an ARN has one spelling.
        return arn.StartsWith(users, StringComparison.Ordinal) && User.IsName(name) && await store.FindUserAsync(name, cancellationToken) is { } user && user.Arn == arn
            ? user.Id
            : null;
    }
}
