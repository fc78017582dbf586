using Microsoft.Extensions.Options;

namespace Serverless.Access;

/// <summary>The one access key of the account's root principal, from the settings.</summary>
public sealed class RootCredentials(IOptions<AccessOptions> options, ServiceIdentity identity) : ICredentials, IDisposable
{
    private readonly Credential root =
        new(Principal.Root(identity.AccountId, options.Value.RootAccessKeyId), options.Value.RootSecretAccessKey);

    public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) =>
        new(accessKeyId == root.Principal.AccessKeyId ? root : null);

    public void Dispose() => root.Dispose();
}
