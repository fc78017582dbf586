using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using Serverless.Access;

namespace Serverless.Audit;

/// <summary>
/// A CloudTrail log file that is being filled: <c>{"Records":[…]}</c>, gzipped, with the records of one Region as their bytes are
/// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html). Only its compressed bytes are in memory.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private const int MaxRegionLength = 32;

    private readonly MemoryStream compressed = new();
    private readonly GZipStream gzip;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long records;
    private long oldest = long.MaxValue;
    private long newest;

    public LogFile()
    {
        gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true);
        Write("""{"Records":["""u8);
    }

    /// <summary>Adds a record; answers how many bytes the file has grown by, before compression.</summary>
    public int Add(AuditRecord record)
    {
        if (records++ > 0) Write(","u8);
        Write(record.Json.Span);
        oldest = Math.Min(oldest, record.Ticks);
        newest = Math.Max(newest, record.Ticks);
        return record.Json.Length + 1;
    }

    /// <summary>Ends the file; answers what the digest says of it, and its content. The same records make the same name: what is written again is written in its own place.</summary>
    public (DigestLogFile File, ReadOnlyMemory<byte> Content) Close(AuditHour hour, string region, ServiceIdentity identity)
    {
        Write("]}"u8);
        gzip.Dispose();
        var hashValue = Convert.ToHexStringLower(hash.GetCurrentHash());
        // CloudTrail's names end with 16 characters that tell the files of a time from each other.
        var name = string.Create(CultureInfo.InvariantCulture,
            $"AWSLogs/{identity.AccountId}/CloudTrail/{region}/{hour.End:yyyy/MM/dd}/{identity.AccountId}_CloudTrail_{region}_{hour.End:yyyyMMdd'T'HHmm'Z'}_{hashValue[..16]}.json.gz");
        var file = new DigestLogFile
        {
            S3Bucket = IAuditArchive.Container,
            S3Object = name,
            HashValue = hashValue,
            HashAlgorithm = AuditDigest.HashAlgorithm,
            NewestEventTime = WholeSeconds(newest),
            OldestEventTime = WholeSeconds(oldest),
            RecordCount = records,
        };
        return (file, compressed.GetBuffer().AsMemory(0, (int)compressed.Length));
    }

    /// <summary>The folder of a record's Region. What is no Region's name makes no path of its own, and is with the service's.</summary>
    public static string RegionOf(AuditRecord record, ServiceIdentity identity) =>
        record.Region is { Length: >= 1 and <= MaxRegionLength } region && region.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-')
            ? region : identity.Region;

    public void Dispose()
    {
        gzip.Dispose();
        compressed.Dispose();
        hash.Dispose();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        gzip.Write(bytes);
        hash.AppendData(bytes);
    }

    private static DateTime WholeSeconds(long ticks) => new(ticks - ticks % TimeSpan.TicksPerSecond, DateTimeKind.Utc);
}
