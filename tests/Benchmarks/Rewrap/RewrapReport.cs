using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;
using Serverless.Benchmarks.Programs;
using Serverless.Benchmarks.Report;
using Serverless.Encryption;
using Serverless.Keys;
using Serverless.LocalHost.Azurite;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Benchmarks.Rewrap;

/// <summary>How fast a re-wrap pass goes over many small objects, and whether its memory grows with them.</summary>
internal static class RewrapReport
{
    private const int AtOnce = 32;
    private const int ObjectSize = 1 << 10;
    private const double AllowedGrowth = 1.5;

    public static async Task RunAsync(int objects, TextWriter output, Targets targets, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("serverless-benchmarks-");
        try
        {
            await using var azurite = await AzuriteProcess.StartAsync(new() { DataFolder = Path.Combine(folder.FullName, "azurite") }, cancellationToken);
            var rootKey = Path.Combine(folder.FullName, "root.key");
            await File.WriteAllTextAsync(rootKey, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), cancellationToken);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(rootKey, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var clock = Stopwatch.StartNew();
            await FillAsync(azurite.ConnectionString, rootKey, objects, cancellationToken);
            Console.Error.WriteLine($"{objects} objects made in {clock.Elapsed.TotalSeconds:F0} s");
            await MeasureAsync(azurite.ConnectionString, rootKey, objects, output, targets, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Makes the objects under a version of the master key, and the next version current.</summary>
    private static async Task FillAsync(string connection, string rootKey, int objects, CancellationToken cancellationToken)
    {
        await using var provider = RewrapServices.Add(connection, rootKey).BuildServiceProvider();
        var (store, keyring) = (provider.GetRequiredService<IObjectStore>(), provider.GetRequiredService<DataKeyring>());
        var buckets = provider.GetRequiredService<IBucketStore>();
        await buckets.CreateAsync(new("objects", "us-east-1"), cancellationToken);
        var bucket = (await buckets.ReadAsync("objects", cancellationToken))!;
        var caller = Caller.Service("000000000000", "benchmark");
        await Parallel.ForAsync(0, objects, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, token) =>
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"folder-{i % 100}/object-{i}");
            using var keys = await keyring.CreateAsync(new(EncryptionMode.S3, null, EncryptionContext.Empty, false, null), bucket, key, caller, token);
            using var content = new SegmentedBuffer(ObjectSize);
            content.Write(RandomNumberGenerator.GetBytes(ObjectSize));
            var description = new ObjectDescription
            {
                Id = RandomNumberGenerator.GetBytes(16),
                Mode = EncryptionMode.S3,
                Length = ObjectSize,
                ETag = RandomNumberGenerator.GetHexString(32, lowercase: true),
                LastModified = DateTimeOffset.UtcNow,
                Headers = new() { ["Content-Type"] = "application/octet-stream" },
                UserMetadata = [],
            };
            await store.WriteAsync(bucket.At(key), description, keys.Wrapped, new(RandomNumberGenerator.GetBytes(56)), content, ExpectedState.Any, token);
        });
        await provider.GetRequiredService<MasterKeyRotation>().RotateAsync(cancellationToken);
    }

    private static async Task MeasureAsync(string connection, string rootKey, int objects, TextWriter output, Targets targets, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Roles.Rewrap, connection, rootKey, $"{objects}"]) { RedirectStandardOutput = true };
        using var program = Process.Start(start)!;
        var resident = new List<(string Mark, double Bytes)>();
        var seconds = 0.0;
        while (await program.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Split(' ') is [RewrapProgram.Marker, var mark, var bytes]) resident.Add((mark, double.Parse(bytes, CultureInfo.InvariantCulture)));
            else if (line.Split(' ') is ["seconds", var elapsed]) seconds = double.Parse(elapsed, CultureInfo.InvariantCulture);
        }
        await program.WaitForExitAsync(cancellationToken);
        if (program.ExitCode != 0 || resident.Count == 0) throw new InvalidOperationException("The re-wrap pass has failed.");

        var table = new MarkdownTable("objects re-wrapped", "resident MiB", "to the first");
        foreach (var (mark, bytes) in resident)
            table.Add($"{mark} %", MarkdownTable.Whole(bytes / (1 << 20)), (bytes / resident[0].Bytes).ToString("F2", CultureInfo.InvariantCulture));
        output.WriteLine($"## Re-wrapping {objects} objects: {objects / seconds:F0} a second");
        output.WriteLine();
        table.Write(output);
        targets.AtMostBytes("Resident bytes after all objects, to 1.5 times those after a tenth", (long)(AllowedGrowth * resident[0].Bytes), resident[^1].Bytes);
    }
}
