using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Versions;
using Serverless.LocalHost.Azurite;

namespace Serverless.EndToEnd.Stored;

/// <summary>What a request costs: the storage transactions that it causes once caches are warm, counted between the service and its storage.</summary>
public sealed class TransactionTests(TransactionTests.CountedService counted) : IClassFixture<TransactionTests.CountedService>
{
    private const int Requests = 20;
    private const string Sse = "x-amz-server-side-encryption";

    /// <summary>What may come in between, whatever is requested: caches that expire (a bucket's row, the key versions) and the meter of wraps.</summary>
    private const int Background = 6;

    [Theory]
    [InlineData(1000, Requests)]
    [InlineData(8 * TestData.Mebibyte, 4)]
    public async Task A_PUT_is_one_write(int size, int requests)
    {
        var bucket = await WarmBucketAsync();
        var made = await counted.DuringAsync(() => RepeatAsync(i => RawRequest.Put(bucket, $"object-{i % 3}", TestData.Bytes(size)), requests));
        Assert.Equal((requests, requests), (made.OnBucket("PUT"), made.OnBucket()));
        Assert.True(made.Others <= Background, made.Listing);
    }

    [Fact]
    public async Task A_conditional_PUT_is_one_read_and_one_write()
    {
        var bucket = await WarmBucketAsync();
        var made = await counted.DuringAsync(() => RepeatAsync(i => RawRequest.Put(bucket, $"new-{i}", TestData.Bytes(1000), ("If-None-Match", "*"))));
        Assert.Equal((Requests, Requests, 2 * Requests), (made.OnBucket("HEAD"), made.OnBucket("PUT"), made.OnBucket()));
        Assert.True(made.Others <= Background, made.Listing);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task A_GET_or_HEAD_is_one_read(string method)
    {
        var bucket = await WarmBucketAsync();
        var made = await counted.DuringAsync(() => RepeatAsync(_ => new RawRequest(method, $"/{bucket}/warm")));
        Assert.Equal((Requests, Requests), (made.OnBucket(method), made.OnBucket()));
        Assert.True(made.Others <= Background, made.Listing);
    }

    [Fact]
    public async Task A_range_is_one_read()
    {
        var bucket = await WarmBucketAsync();
        var made = await counted.DuringAsync(() => RepeatAsync(i => RawRequest.Get(bucket, "warm", ("Range", $"bytes={i * 1000}-{i * 2000 + 1}"))));
        Assert.Equal((Requests, Requests), (made.OnBucket("GET"), made.OnBucket()));
    }

    [Theory]
    [InlineData("?list-type=2")]
    [InlineData("?list-type=2&max-keys=7&prefix=dir")]
    [InlineData("?list-type=2&delimiter=/")]
    [InlineData("?list-type=2&delimiter=/&prefix=dir-1/")]
    [InlineData("?list-type=2&delimiter=/&start-after=dir-1/x&max-keys=2")]
    [InlineData("?delimiter=/&marker=dir-1/&max-keys=3")]
    public async Task A_page_of_a_listing_is_one_call(string query)
    {
        var bucket = await WarmBucketAsync();
        for (var i = 0; i < 30; i++) (await counted.Http.SendAsync(RawRequest.Put(bucket, $"dir-{i % 5}/file-{i}", TestData.Bytes(10)))).MustBe(HttpStatusCode.OK);
        var parameters = query[1..].Split('&').Select(pair => (pair.Split('=')[0], pair.Split('=')[1])).ToArray();
        var made = await counted.DuringAsync(() => RepeatAsync(_ => new RawRequest("GET", $"/{bucket}") { Query = parameters }));
        Assert.Equal((Requests, 0), (made.Listings, made.OnBucket()));
        Assert.True(made.Others <= Background, made.Listing);
    }

    /// <summary>Another delimiter than the store's costs a call for each common prefix, and no more however many keys it has.</summary>
    [Fact]
    public async Task A_page_with_another_delimiter_walks_over_no_common_prefix()
    {
        var bucket = await WarmBucketAsync();
        for (var i = 0; i < 60; i++) (await counted.Http.SendAsync(RawRequest.Put(bucket, $"group-{i % 3}-{i}", TestData.Bytes(10)))).MustBe(HttpStatusCode.OK);
        var made = await counted.DuringAsync(() => RepeatAsync(_ => new RawRequest("GET", $"/{bucket}") { Query = [("delimiter", "-"), ("prefix", "group-"), ("max-keys", "2")] }));
        Assert.InRange(made.Listings, Requests, 3 * Requests);
    }

    [Fact]
    public async Task Of_many_objects_the_deletion_of_each_is_one_read_and_one_write()
    {
        var bucket = await WarmBucketAsync();
        for (var i = 0; i < Requests; i++) (await counted.Http.SendAsync(RawRequest.Put(bucket, $"object-{i}", TestData.Bytes(10)))).MustBe(HttpStatusCode.OK);
        var objects = string.Concat(Enumerable.Range(0, Requests).Select(i => $"<Object><Key>object-{i}</Key></Object>"));
        var made = await counted.DuringAsync(() => RepeatAsync(_ => DeletionRequest.Of(bucket, objects), requests: 1));
        Assert.Equal((Requests, Requests, 2 * Requests), (made.OnBucket("HEAD"), made.OnBucket("DELETE"), made.OnBucket()));
        Assert.True(made.Others <= Background, made.Listing);
    }

    [Fact]
    public async Task SSE_KMS_adds_at_most_one_queue_message()
    {
        var bucket = await WarmBucketAsync();
        var puts = await counted.DuringAsync(() => RepeatAsync(i => RawRequest.Put(bucket, $"object-{i % 3}", TestData.Bytes(1000), (Sse, "aws:kms"))));
        Assert.Equal((Requests, Requests), (puts.OnBucket("PUT"), puts.OnBucket()));
        Assert.InRange(puts.Messages, 1, Requests);
        var gets = await counted.DuringAsync(() => RepeatAsync(i => RawRequest.Get(bucket, $"object-{i % 3}")));
        Assert.Equal((Requests, Requests), (gets.OnBucket("GET"), gets.OnBucket()));
        Assert.InRange(gets.Messages, 1, Requests);
    }

    [Fact]
    public async Task Concurrent_requests_share_queue_messages()
    {
        const int concurrent = 60;
        var bucket = await WarmBucketAsync();
        var made = await counted.DuringAsync(() => Task.WhenAll(Enumerable.Range(0, concurrent).Select(async i =>
            (await counted.Http.SendAsync(RawRequest.Put(bucket, $"object-{i}", TestData.Bytes(1000), (Sse, "aws:kms")))).MustBe(HttpStatusCode.OK))));
        Assert.InRange(made.Messages, 1, concurrent / 2);
    }

    [Fact]
    public async Task With_versioning_what_is_overwritten_or_deleted_is_read_and_written_once_more_and_reading_costs_what_it_did()
    {
        var bucket = await WarmBucketAsync();
        (await counted.Http.SendAsync(VersionsService.PutVersioning(bucket, "<Status>Enabled</Status>"))).MustBe(HttpStatusCode.OK);
        await MustCostAsync(i => RawRequest.Put(bucket, $"new-{i}", TestData.Bytes(1000)), ("HEAD", 1), ("LIST", 1), ("PUT", 1));
        await MustCostAsync(i => RawRequest.Put(bucket, $"new-{i}", TestData.Bytes(1000)), ("HEAD", 1), ("GET", 1), ("PUT", 2));
        await MustCostAsync(i => RawRequest.Put(bucket, "new-0", TestData.Bytes(1000), ("If-Match", "\"a9c8a7e8e6d0d7c8a5a4f3e2d1c0b9a8\"")), 412, ("HEAD", 1));
        await MustCostAsync(_ => RawRequest.Get(bucket, "warm"), ("GET", 1));
        await MustCostAsync(_ => RawRequest.Head(bucket, "warm"), ("HEAD", 1));
        var versions = (await counted.Http.SendAsync(new RawRequest("GET", $"/{bucket}") { Query = [("versions", ""), ("prefix", "new-1")] })).Text.Split("<VersionId>").Skip(1).Select(rest => rest[..48]).ToList();
        await MustCostAsync(_ => VersioningTests.WithVersion(RawRequest.Get(bucket, "new-1"), versions[0]), ("HEAD", 1), ("GET", 1));
        await MustCostAsync(_ => VersioningTests.WithVersion(RawRequest.Get(bucket, "new-1"), versions[1]), ("HEAD", 1), ("LIST", 1), ("GET", 1));
        await MustCostAsync(_ => new RawRequest("GET", $"/{bucket}") { Query = [("versions", ""), ("max-keys", "7"), ("key-marker", "new-1")] }, ("LIST", 2));
        await MustCostAsync(_ => new RawRequest("GET", $"/{bucket}") { Query = [("list-type", "2")] }, ("LIST", 1));
        await MustCostAsync(i => RawRequest.Delete(bucket, $"new-{i}"), ("HEAD", 1), ("GET", 1), ("PUT", 2), ("DELETE", 1));
        await MustCostAsync(i => RawRequest.Get(bucket, $"new-{i}"), 404, ("GET", 1), ("LIST", 1));
    }

    private Task MustCostAsync(Func<int, RawRequest> request, params (string Call, int Count)[] calls) => MustCostAsync(request, 200, calls);

    /// <summary>What each request costs, in calls on the bucket's containers.</summary>
    private async Task MustCostAsync(Func<int, RawRequest> request, int status, params (string Call, int Count)[] calls)
    {
        const int requests = 5;
        var made = await counted.DuringAsync(async () =>
        {
            for (var i = 0; i < requests; i++) Assert.Equal(status / 100, (int)(await counted.Http.SendAsync(request(i))).Status / 100);
        });
        foreach (var call in (string[])["GET", "HEAD", "PUT", "DELETE"]) Assert.Equal((call, requests * calls.SingleOrDefault(expected => expected.Call == call).Count), (call, made.OnBucket(call)));
        Assert.Equal(requests * calls.SingleOrDefault(expected => expected.Call == "LIST").Count, made.Listings);
    }

    private async Task<string> WarmBucketAsync()
    {
        var bucket = await counted.NewBucketAsync();
        foreach (var mode in new[] { "aws:kms", "AES256" })
        {
            (await counted.Http.SendAsync(RawRequest.Put(bucket, "warm", TestData.Bytes(100_000), (Sse, mode)))).MustBe(HttpStatusCode.OK);
            (await counted.Http.SendAsync(RawRequest.Get(bucket, "warm"))).MustBe(HttpStatusCode.OK);
        }
        return bucket;
    }

    private async Task RepeatAsync(Func<int, RawRequest> request, int requests = Requests)
    {
        for (var i = 0; i < requests; i++)
        {
            var answer = await counted.Http.SendAsync(request(i));
            Assert.True((int)answer.Status < 300, answer.Text);
        }
    }

    /// <summary>The transactions of a while, without those by which the local host runs timers and the audit queue's trigger, whatever is requested.</summary>
    internal sealed record Transactions(IReadOnlyList<string> All)
    {
        private static readonly Regex Message = new("^POST /devstoreaccount1/[^/?]+/messages");
        private static readonly Regex List = new(@"^GET /devstoreaccount1/test-[^/?]+\?.*comp=list");
        private static readonly Regex Bucket = new("^[A-Z]+ /devstoreaccount1/test-[^/?]+/[^?]");

        // The trigger's own calls, and the writer's of the records that it brings.
        private static readonly Regex Host = new("azure-webjobs-|/messages|comp=metadata|/Audit|batch");

        public int Messages => All.Count(Message.IsMatch);

        /// <summary>Pages of a bucket's container.</summary>
        public int Listings => All.Count(List.IsMatch);

        public int Others => All.Count(line => !Bucket.IsMatch(line) && !List.IsMatch(line) && !Host.IsMatch(line));

        public string Listing => string.Join('\n', All);

        public int OnBucket(string method = "") => All.Count(line => Bucket.IsMatch(line) && line.StartsWith(method, StringComparison.Ordinal));
    }

    /// <summary>A service that reaches its Azurite through relays.</summary>
    public sealed class CountedService : IAsyncLifetime
    {
        private static readonly Regex Port = new(@"(?<=Endpoint=http://127\.0\.0\.1:)[0-9]+");

        private readonly string _dataFolder = Directory.CreateTempSubdirectory("end-to-end-").FullName;
        private readonly ConcurrentQueue<string> _noted = new();
        private readonly List<StorageRelay> _relays = [];
        private AzuriteProcess? _azurite;
        private ServiceProcess? _service;
        private ServiceClients? _clients;

        internal RawClient Http => _clients!.Http;

        public async Task InitializeAsync()
        {
            _azurite = await AzuriteProcess.StartInMemoryAsync(CancellationToken.None);
            var storage = Port.Replace(_azurite.ConnectionString, port =>
            {
                _relays.Add(StorageRelay.To(int.Parse(port.Value, System.Globalization.CultureInfo.InvariantCulture), _noted.Enqueue));
                return $"{_relays[^1].Port}";
            });
            Assert.Equal(3, _relays.Count);
            _service = await ServiceProcess.StartAsync(storage, _dataFolder);
            _clients = ServiceClients.Of(_service);
        }

        public async Task DisposeAsync()
        {
            if (_clients is not null) await _clients.DisposeAsync();
            if (_service is not null) await _service.DisposeAsync();
            foreach (var relay in _relays) await relay.DisposeAsync();
            if (_azurite is not null) await _azurite.DisposeAsync();
            Directory.Delete(_dataFolder, recursive: true);
        }

        internal Task<string> NewBucketAsync() => _clients!.NewBucketAsync();

        /// <summary>The transactions that were begun while <paramref name="action"/> ran.</summary>
        internal async Task<Transactions> DuringAsync(Func<Task> action)
        {
            _noted.Clear();
            await action();
            return new([.. _noted]);
        }
    }
}
