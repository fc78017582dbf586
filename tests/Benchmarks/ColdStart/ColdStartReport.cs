using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.Benchmarks.Report;
using Serverless.Deployment.Tests.Worker;
using Serverless.LocalHost.Azurite;

namespace Serverless.Benchmarks.ColdStart;

/// <summary>
/// How long a new instance takes from its process's start to its first signed PUT answered: as it is deployed, compiled ahead of time, and plain. The store has been used before, as it
/// has been when an app scales out.
/// </summary>
internal static class ColdStartReport
{
    private const string Bucket = "cold-start";
    private const string AccessKeyId = "AKIAEXAMPLEEXAMPLE00";
    private const string Region = "us-east-1";
    private const string Plain = "plain";
    private const string ReadyToRun = "ReadyToRun";

    /// <summary>Without a runtime, so that nothing is compiled ahead of time; and for the machines that it is deployed to, as <c>infra/deploy.sh</c> does.</summary>
    private static readonly (string Name, string[] Options)[] Publications = [(Plain, []), (ReadyToRun, ["--runtime", "linux-x64", "--no-self-contained"])];

    public static async Task RunAsync(int rounds, TextWriter output, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("serverless-cold-start-");
        try
        {
            foreach (var (name, options) in Publications) await Publication.PublishAsync(Path.Combine(folder.FullName, name + "-build"), Path.Combine(folder.FullName, name), options);
            await using var azurite = await AzuriteProcess.StartInMemoryAsync(cancellationToken);
            var settings = await MakeSettingsAsync(folder.FullName, azurite.ConnectionString, cancellationToken);

            var starts = Publications.ToDictionary(publication => publication.Name, _ => new List<Start>());
            // The first of each is the bucket's creation, and brings the files into the machine's memory; it does not count.
            for (var round = 0; round <= rounds; round++)
            {
                foreach (var (name, _) in Publications)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var start = await StartAsync(Path.Combine(folder.FullName, name), settings, createBucket: round == 0 && name == Plain, cancellationToken);
                    if (round > 0) starts[name].Add(start);
                }
            }
            Write(starts, output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Start> StartAsync(string app, IReadOnlyDictionary<string, string> settings, bool createBucket, CancellationToken cancellationToken)
    {
        await using var host = await FunctionsHost.StartAsync(app, settings);
        var connected = Stopwatch.GetElapsedTime(host.WorkerStartedAt);
        using var client = new AmazonS3Client(new BasicAWSCredentials(AccessKeyId, settings["Access__RootSecretAccessKey"]),
            new AmazonS3Config { ServiceURL = host.Http.ToString(), AuthenticationRegion = Region, ForcePathStyle = true, MaxErrorRetry = 0 });
        if (createBucket) await client.PutBucketAsync(Bucket, cancellationToken);
        await client.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = "key", ContentBody = "a kilobyte or less" }, cancellationToken);
        return new(connected, Stopwatch.GetElapsedTime(host.WorkerStartedAt), host.WorkerProcessorTime);
    }

    private static async Task<IReadOnlyDictionary<string, string>> MakeSettingsAsync(string folder, string storage, CancellationToken cancellationToken)
    {
        var rootKey = Path.Combine(folder, "root.key");
        await File.WriteAllTextAsync(rootKey, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), cancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(rootKey, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = storage,
            ["Access__RootAccessKeyId"] = AccessKeyId,
            ["Access__RootSecretAccessKey"] = RandomNumberGenerator.GetHexString(40),
            ["Access__RawTarget"] = "FrontEnd",
            ["Service__AccountId"] = "000000000000",
            ["Service__Region"] = Region,
            ["RootKey__File"] = rootKey,
        };
    }

    private static void Write(Dictionary<string, List<Start>> starts, TextWriter output)
    {
        output.WriteLine("## Cold start");
        output.WriteLine();
        var table = new MarkdownTable("published", "ms until the host has its functions", "ms until its first PUT is answered", "to plain", "processor time to plain");
        var plain = MedianOf(starts[Plain]);
        foreach (var (name, of) in starts)
        {
            var median = MedianOf(of);
            table.Add(name, Milliseconds(median.Connected), Milliseconds(median.Answered), MarkdownTable.Ratio(median.Answered / plain.Answered),
                MarkdownTable.Ratio(median.ProcessorTime / plain.ProcessorTime));
        }
        table.Write(output);
    }

    private static Start MedianOf(List<Start> starts) => new(MedianOf(starts, start => start.Connected), MedianOf(starts, start => start.Answered), MedianOf(starts, start => start.ProcessorTime));

    private static TimeSpan MedianOf(List<Start> starts, Func<Start, TimeSpan> part) => TimeSpan.FromSeconds(Median.Of(starts.Select(start => part(start).TotalSeconds)));

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);

    /// <param name="Connected">Until the worker's functions are loaded,</param>
    /// <param name="Answered">until its first PUT is answered,</param>
    /// <param name="ProcessorTime">and the processor time used until then.</param>
    private readonly record struct Start(TimeSpan Connected, TimeSpan Answered, TimeSpan ProcessorTime);
}
