namespace Serverless.Audit;

/// <summary>Where log files and digest files lie for CloudTrail's tools: a container of blobs. What a method reports as done is durable when it returns; storage that fails throws.</summary>
public interface IAuditArchive
{
    /// <summary>The container's name: what CloudTrail calls the bucket.</summary>
    public const string Container = "audit-logs";

    /// <summary>Writes a file, in place of the one that there may be.</summary>
    /// <param name="name">Its name in the container.</param>
    /// <param name="content">Its content, gzipped JSON.</param>
    /// <param name="metadata">What is kept beside it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask WriteAsync(string name, ReadOnlyMemory<byte> content, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken);

    /// <summary>A file's content, or null.</summary>
    ValueTask<Stream?> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Removes a file, if it is there.</summary>
    ValueTask RemoveAsync(string name, CancellationToken cancellationToken);
}
