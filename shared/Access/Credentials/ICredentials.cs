namespace Serverless.Access;

/// <summary>The access keys that may sign requests.</summary>
public interface ICredentials
{
    /// <summary>The credential of that id, which the caller disposes, or null where there is none. A key id's secret never changes; another secret is another key.</summary>
    ValueTask<Credential?> FindAsync(string accessKeyId, CancellationToken cancellationToken);
}
