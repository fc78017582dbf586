using Serverless.Access;

namespace Serverless.Audit;

/// <summary>Writes the records of an hour as log files, as many as there are Regions, and more where they would be too large.</summary>
internal sealed class LogExport(AuditHour hour, IAuditArchive archive, ServiceIdentity identity) : IDisposable
{
    /// <summary>Of the records that are in files not yet written, before compression: what bounds memory, and the size of a file.</summary>
    internal const int MaxOpenBytes = 16 * 1024 * 1024;

    private static readonly Dictionary<string, string> NoMetadata = [];

    private readonly SortedDictionary<string, LogFile> open = new(StringComparer.Ordinal);
    private readonly List<DigestLogFile> written = [];
    private int openBytes;

    public async ValueTask AddAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        var region = LogFile.RegionOf(record, identity);
        if (!open.TryGetValue(region, out var file)) open[region] = file = new();
        openBytes += file.Add(record);
        if (openBytes >= MaxOpenBytes) await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes what is still open; answers all files, which are durable then.</summary>
    public async ValueTask<IReadOnlyList<DigestLogFile>> CloseAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return written;
    }

    public void Dispose()
    {
        foreach (var file in open.Values) file.Dispose();
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var (region, file) in open)
        {
            var (described, content) = file.Close(hour, region, identity);
            await archive.WriteAsync(described.S3Object, content, NoMetadata, cancellationToken).ConfigureAwait(false);
            written.Add(described);
            file.Dispose();
        }
        open.Clear();
        openBytes = 0;
    }
}
