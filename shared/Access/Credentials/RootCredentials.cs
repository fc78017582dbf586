using Microsoft.Extensions.Options;

namespace Serverless.Access;

/// <summary>The one access key of the account's root principal, from the settings.</summary>
public sealed class RootCredentials(IOptions<AccessOptions> options, ServiceIdentity identity) : ICredentials, IDisposable
{
    private readonly Principal root = Principal.Root(identity.AccountId, options.Value.RootAccessKeyId);
    private readonly AccessKeySecret secret = new(options.Value.RootSecretAccessKey);

    public ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken) =>
        new(accessKeyId == root.AccessKeyId && secret.TryHold() ? new Credential(root, secret) : null);

    public void Dispose() => secret.Dispose();
}
