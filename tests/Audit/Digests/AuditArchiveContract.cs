namespace Serverless.Audit.Tests.Digests;

/// <summary>What every archive does: one suite, run over the in-memory fake and over Azurite.</summary>
public abstract class AuditArchiveContract
{
    private readonly string name = $"AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/04/{Guid.NewGuid():N}.json.gz";

    protected abstract IAuditArchive Archive { get; }

    [Fact]
    public async Task A_file_is_read_as_it_was_written_last_and_is_gone_once_it_is_removed()
    {
        Assert.Null(await Archive.OpenAsync(name, CancellationToken.None));
        await Archive.RemoveAsync(name, CancellationToken.None);
        foreach (var content in new byte[][] { [1, 2, 3], [4] })
        {
            await Archive.WriteAsync(name, content, new Dictionary<string, string> { ["signature"] = "ab" }, CancellationToken.None);
            await using var stored = (await Archive.OpenAsync(name, CancellationToken.None))!;
            using var read = new MemoryStream();
            await stored.CopyToAsync(read);
            Assert.Equal(content, read.ToArray());
        }
        await Archive.RemoveAsync(name, CancellationToken.None);
        Assert.Null(await Archive.OpenAsync(name, CancellationToken.None));
    }
}
