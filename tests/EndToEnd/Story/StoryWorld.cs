using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.ControlledClock;
using Serverless.EndToEnd.Service;
using Serverless.LocalHost.Azurite;

namespace Serverless.EndToEnd.Story;

/// <summary>A service over Azurite whose clock the test moves on, which it kills and starts again, and which it asks as every client does.</summary>
internal sealed class StoryWorld : IAsyncDisposable
{
    private const int MaxHours = 20;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly DirectoryInfo _folder;
    private readonly AzuriteProcess _azurite;
    private readonly ClockFile _clock;
    private readonly (string Name, string? Value)[] _settings;
    private readonly HttpClient _http = RawClient.NewHttpClient(authorityFile: null);
    private ServiceProcess? _service;

    private StoryWorld(DirectoryInfo folder, AzuriteProcess azurite, (string Name, string? Value)[] settings)
    {
        (_folder, _azurite) = (folder, azurite);
        _clock = new(Path.Combine(folder.FullName, "clock")) { Ahead = TimeSpan.Zero };
        _settings = [(ClockFile.Setting, _clock.Path), (ClockFile.HookSetting, typeof(ClockFile).Assembly.Location), .. settings];
    }

    public DateTimeOffset Now => DateTimeOffset.UtcNow + _clock.Ahead;

    /// <summary>The storage account, as its administrator has it.</summary>
    public string Storage => _azurite.ConnectionString;

    public static async Task<StoryWorld> BeginAsync(params (string Name, string? Value)[] settings)
    {
        var world = new StoryWorld(Directory.CreateTempSubdirectory("end-to-end-story-"), await AzuriteProcess.StartInMemoryAsync(CancellationToken.None), settings);
        try
        {
            await world.StartAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public async Task StartAsync() => _service = await ServiceProcess.StartAsync(Storage, _folder.FullName, _settings);

    /// <summary>Kills the service, as a crash does, and starts it again.</summary>
    public async Task CrashAsync()
    {
        await _service!.KillAsync();
        await _service.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Moves the clock on, and by it whatever the service does at times. When this returns, the service takes requests of that time.</summary>
    public Task AdvanceAsync(TimeSpan time)
    {
        _clock.Ahead += time;
        return Eventually.TrueAsync(async () => (await SendAsync(new RawRequest("GET", "/"))).Status == HttpStatusCode.OK, "the service at the clock's time");
    }

    public Task<RawAnswer> SendAsync(RawRequest request) => SendAsync(request, "s3");

    /// <summary>Asks one of the APIs that are <c>POST /</c> with an <c>X-Amz-Target</c>.</summary>
    public Task<RawAnswer> AskAsync(string service, string target, JsonObject body) => SendAsync(
        new RawRequest("POST", "/")
        {
            Headers = [("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-1.1")],
            Body = JsonSerializer.SerializeToUtf8Bytes(body),
        }, service);

    /// <summary>Asks the KMS API, which is to do it.</summary>
    public Task<JsonNode> KmsAsync(string operation, JsonObject body) => OkAsync("kms", $"TrentService.{operation}", body);

    /// <summary>
    /// Waits until the timers have done what is due: the master key is of age no more, and a re-wrap pass that began since is complete. A timer that was at work when the clock was moved
    /// has passed over its time, as one that works longer than an hour does, so hours go by meanwhile.
    /// </summary>
    public async Task RewrappedAsync()
    {
        await PassHoursUntilAsync(async () => (bool?)(await AdminAsync("DescribeMasterKey"))["RotationDue"] != true, "the rotation that was due");
        var since = Now;
        await AdvanceAsync(Hour);
        await PassHoursUntilAsync(async () => await AdminAsync("GetRewrapProgress") is var progress && (string?)progress["State"] == "COMPLETE" && TimeOf(progress["StartDate"]!) >= since, "a re-wrap pass");
    }

    /// <summary>Lets hours go by until something has happened.</summary>
    public async Task PassHoursUntilAsync(Func<Task<bool>> condition, string what)
    {
        for (var hours = 0; ; hours++)
        {
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(PollInterval))
                if (await condition()) return;
            Assert.True(hours < MaxHours, $"{MaxHours} hours have gone by in vain: {what}.");
            await AdvanceAsync(Hour);
        }
    }

    /// <summary>A record of the trail, of the last 90 days.</summary>
    public Task<JsonObject> FindEventAsync(string name, Func<JsonObject, bool> condition) => Eventually.GetAsync(
        async () =>
        {
            var found = await OkAsync("cloudtrail", "CloudTrail_20131101.LookupEvents",
                new() { ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = "EventName", ["AttributeValue"] = name }) });
            return found["Events"]!.AsArray().Select(listed => JsonNode.Parse((string)listed!["CloudTrailEvent"]!)!.AsObject()).FirstOrDefault(condition);
        }, $"{name} on the trail", seconds: 60);

    /// <summary>The ARN of a new customer managed key.</summary>
    public async Task<string> NewKeyAsync() => (string)(await KmsAsync("CreateKey", []))["KeyMetadata"]!["Arn"]!;

    /// <summary>Asks the administration's API, which is to do it.</summary>
    public Task<JsonNode> AdminAsync(string operation, JsonObject? body = null) => OkAsync("sse", $"ServerlessSse_20261125.{operation}", body ?? []);

    public async ValueTask DisposeAsync()
    {
        if (_service is not null) await _service.DisposeAsync();
        await _azurite.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>A time as AWS JSON has it.</summary>
    public static DateTimeOffset TimeOf(JsonNode seconds) => DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds.GetValue<double>() * 1000));

    private async Task<JsonNode> OkAsync(string service, string target, JsonObject body)
    {
        var answer = (await AskAsync(service, target, body)).MustBe(HttpStatusCode.OK);
        return answer.Body.Length == 0 ? new JsonObject() : JsonNode.Parse(answer.Body)!;
    }

    private Task<RawAnswer> SendAsync(RawRequest request, string service) =>
        new RawClient(_service!.Http, _http).SendAsync(request with { Signer = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, TestAccount.Region, service, Now) });
}
