using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Azure.Storage.Queues;
using Serverless.Audit;
using Serverless.Deployment.Tests.Worker.Protocol;
using Serverless.LocalHost.Azurite;

namespace Serverless.Deployment.Tests.Worker;

/// <summary>The deployable folder, and the app in it as a worker of the Functions host.</summary>
public sealed class WorkerTests(PublishedApp app) : IClassFixture<PublishedApp>, IAsyncLifetime
{
    private const string AccessKeyId = "AKIAEXAMPLEEXAMPLE00";
    private const string SecretAccessKey = "example-secret-do-not-use-in-production";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("serverless-worker-");
    private AzuriteProcess? _azurite;

    public async Task InitializeAsync()
    {
        _azurite = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);
        var rootKey = Path.Combine(_data.FullName, "root.key");
        await File.WriteAllTextAsync(rootKey, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(rootKey, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public async Task DisposeAsync()
    {
        await _azurite!.DisposeAsync();
        _data.Delete(recursive: true);
    }

    [Fact]
    public void The_folder_has_what_the_host_and_the_worker_look_for_and_no_settings_of_a_developer()
    {
        foreach (var file in (string[])["host.json", "worker.config.json", "functions.metadata", "extensions.json", "Serverless.Functions.dll", ".azurefunctions/function.deps.json"])
            Assert.True(File.Exists(Path.Combine(app.Folder, file)), file);
        Assert.False(File.Exists(Path.Combine(app.Folder, "local.settings.json")));
        Assert.DoesNotContain(Directory.EnumerateFiles(app.Folder), file => file.Contains("LocalHost", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_trigger_is_in_the_metadata_as_the_host_is_to_fire_it()
    {
        var functions = JsonNode.Parse(File.ReadAllText(Path.Combine(app.Folder, "functions.metadata")))!.AsArray();
        var bindings = functions.ToDictionary(function => (string)function!["name"]!, function => function!["bindings"]![0]!);

        foreach (var verb in (string[])["Get", "Head", "Put", "Post", "Delete", "Options"])
        {
            Assert.Equal("{*path}", (string?)bindings[verb]["route"]);
            Assert.Equal("Anonymous", (string?)bindings[verb]["authLevel"]);
            Assert.Equal(verb.ToLowerInvariant(), (string?)bindings[verb]["methods"]![0]);
        }
        Assert.Equal("audit-records", (string?)bindings["WriteAuditRecords"]["queueName"]);
        var schedules = bindings.Values.Where(binding => (string?)binding["type"] == "timerTrigger").Select(binding => ((string)binding["schedule"]!).Trim('%')).ToHashSet();
        Assert.NotEmpty(schedules);
        Assert.Subset(AppSettings.Read().ToHashSet(), schedules);
    }

    [Fact]
    public async Task The_app_runs_as_a_worker_and_serves_S3_through_the_host()
    {
        await using var host = await FunctionsHost.StartAsync(app.Folder, Settings());
        Assert.Superset(new HashSet<string> { "Get", "Put", "Head", "Post", "Delete", "Options", "WriteAuditRecords", "RotateMasterKey", "RewrapDataKeys" }, host.Functions.ToHashSet());
        using var s3 = new AmazonS3Client(new BasicAWSCredentials(AccessKeyId, SecretAccessKey),
            new AmazonS3Config { ServiceURL = host.Http.ToString(), AuthenticationRegion = "us-east-1", ForcePathStyle = true, MaxErrorRetry = 0 });
        await s3.PutBucketAsync("a-bucket");
        var data = RandomNumberGenerator.GetBytes(3_000_000);
        foreach (var (mode, key) in ((ServerSideEncryptionMethod, string)[])[(ServerSideEncryptionMethod.AES256, "a//b/../c %41 ü.txt"), (ServerSideEncryptionMethod.AWSKMS, "kms")])
        {
            await s3.PutObjectAsync(new PutObjectRequest { BucketName = "a-bucket", Key = key, InputStream = new MemoryStream(data), ServerSideEncryptionMethod = mode });
            using var got = await s3.GetObjectAsync("a-bucket", key);
            using var copy = new MemoryStream();
            await got.ResponseStream.CopyToAsync(copy);
            Assert.True(data.AsSpan().SequenceEqual(copy.ToArray()));
            Assert.Equal(mode, got.ServerSideEncryptionMethod);
        }
        Assert.Equal(["a//b/../c %41 ü.txt", "kms"], (await s3.ListObjectsV2Async(new() { BucketName = "a-bucket" })).S3Objects.Select(listed => listed.Key));
        await Assert.ThrowsAsync<NoSuchKeyException>(() => s3.GetObjectAsync("a-bucket", "no-such-key"));

        // What the triggers hand over, as the host writes it.
        var timer = new TypedData { Json = """{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"2026-01-01T00:00:00Z","Next":"2026-01-01T01:00:00Z","LastUpdated":"2026-01-01T00:00:00Z"},"IsPastDue":false}""" };
        foreach (var function in host.Functions.Except(["Get", "Put", "Head", "Post", "Delete", "Options", "WriteAuditRecords"])) Assert.Null(await host.InvokeAsync(function, "timer", timer));
        var queue = new QueueClient(_azurite!.ConnectionString, IAuditQueue.Name, new QueueClientOptions(QueueClientOptions.ServiceVersion.V2026_06_06) { MessageEncoding = QueueMessageEncoding.Base64 });
        var messages = (await queue.ReceiveMessagesAsync(32)).Value;
        Assert.NotEmpty(messages);
        foreach (var message in messages) Assert.Null(await host.InvokeAsync("WriteAuditRecords", "message", new() { String = message.Body.ToString() }));
        Assert.NotNull(await host.InvokeAsync("WriteAuditRecords", "message", new() { String = "no record" }));
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["AzureWebJobsStorage"] = _azurite!.ConnectionString,
        ["Access__RootAccessKeyId"] = AccessKeyId,
        ["Access__RootSecretAccessKey"] = SecretAccessKey,
        ["Access__RawTarget"] = "FrontEnd",
        ["Service__AccountId"] = "000000000000",
        ["RootKey__File"] = Path.Combine(_data.FullName, "root.key"),
    };
}
