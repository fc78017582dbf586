using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Robustness;

/// <summary>Many requests at once, and requests that are refused before their bodies have come.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class ConcurrencyTests(ServiceFixture service)
{
    [Fact]
    public async Task Of_fifty_uploads_to_one_key_one_is_the_object_and_whole()
    {
        var bucket = await service.NewBucketAsync();
        // Most are sealed in memory, some are staged: those replace, and are replaced by, the others.
        var bodies = Enumerable.Range(0, 50).Select(i => TestData.Bytes(i % 10 == 0 ? 9 * TestData.Mebibyte + i : 10_000 + i, seed: i)).ToArray();
        var answers = await Task.WhenAll(bodies.Select(body => service.Http.SendAsync(RawRequest.Put(bucket, "object", body) with { ContentSha256 = "UNSIGNED-PAYLOAD" })));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => answer.MustBeError(409, "ConditionalRequestConflict"));
        var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        var winner = Array.FindIndex(bodies, body => body.AsSpan().SequenceEqual(got.Body));
        Assert.True(winner >= 0 && answers[winner].Status == HttpStatusCode.OK, $"The object has {got.Body.Length} bytes and is none of those that were put.");
        Assert.Equal(answers[winner]["etag"], got["etag"]);
    }

    [Theory]
    [InlineData(200_000, 60)]
    [InlineData(9 * TestData.Mebibyte, 10)]
    public async Task Reads_during_replacements_are_each_of_one_object(int size, int replacements)
    {
        var bucket = await service.NewBucketAsync();
        var bodies = Enumerable.Range(0, 4).Select(i => TestData.Bytes(size, seed: i)).ToArray();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", bodies[0]))).MustBe(HttpStatusCode.OK);
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(async _ =>
        {
            while (!done.IsCancellationRequested)
            {
                var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
                Assert.Contains(bodies, body => body.AsSpan().SequenceEqual(got.Body));
            }
        }).ToList();
        for (var i = 0; i < replacements; i++) (await service.Http.SendAsync(RawRequest.Put(bucket, "object", bodies[i % bodies.Length]))).MustBe(HttpStatusCode.OK);
        await done.CancelAsync();
        await Task.WhenAll(readers);
    }

    /// <summary>Between a reader's look at the object and its look at the data, these may have been replaced.</summary>
    [Fact]
    public async Task A_reader_that_meets_a_replacement_is_never_told_that_the_object_is_damaged()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", TestData.Bytes(9 * TestData.Mebibyte, seed: 0)))).MustBe(HttpStatusCode.OK);
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!done.IsCancellationRequested)
            {
                (await service.Http.SendAsync(RawRequest.Get(bucket, "object", ("Range", "bytes=0-9")))).MustBe(HttpStatusCode.PartialContent);
            }
        }).ToList();
        for (var i = 1; i <= 6; i++) (await service.Http.SendAsync(RawRequest.Put(bucket, "object", TestData.Bytes(9 * TestData.Mebibyte, seed: i)))).MustBe(HttpStatusCode.OK);
        await done.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task A_download_that_has_begun_goes_on_while_its_object_is_replaced_or_deleted()
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(20 * TestData.Mebibyte);
        foreach (var change in new[] { RawRequest.Put(bucket, "object", TestData.Bytes(9 * TestData.Mebibyte, seed: 2)), RawRequest.Put(bucket, "object", "small"u8.ToArray()), RawRequest.Delete(bucket, "object") })
        {
            (await service.Http.SendAsync(RawRequest.Put(bucket, "object", body))).MustBe(HttpStatusCode.OK);
            using var client = RawClient.NewHttpClient(null);
            using var request = service.Http.Write(RawRequest.Get(bucket, "object"));
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await answer.Content.ReadAsStreamAsync();
            var read = new byte[body.Length];
            await stream.ReadExactlyAsync(read.AsMemory(0, TestData.Mebibyte));
            Assert.True((await service.Http.SendAsync(change)).Status is HttpStatusCode.OK or HttpStatusCode.NoContent);
            await stream.ReadExactlyAsync(read.AsMemory(TestData.Mebibyte));
            Assert.True(body.AsSpan().SequenceEqual(read), change.Method);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_of_50_MiB_that_is_refused_at_once_gets_its_answer(bool expectContinue)
    {
        var body = new byte[50 * TestData.Mebibyte];
        var refused = RawRequest.Put("no-such-bucket-here", "object", body) with { ContentSha256 = "UNSIGNED-PAYLOAD", ExpectContinue = expectContinue };
        (await service.Http.SendAsync(refused)).MustBeError(404, "NoSuchBucket");
        (await service.Https.SendAsync(refused)).MustBeError(404, "NoSuchBucket");
        // And the next request on that client is served.
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
    }

    /// <summary>The AWS CLI asks before it sends an empty file too, and mistakes the connection's next answer where it was not told to go on.</summary>
    [Theory]
    [InlineData("", HttpStatusCode.OK)]
    [InlineData("*", HttpStatusCode.PreconditionFailed)]
    public async Task The_connection_ends_after_an_empty_upload_that_waits_to_be_told_to_go_on(string ifNoneMatch, HttpStatusCode status)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
        var put = RawRequest.Put(bucket, "object", []) with { ExpectContinue = true };
        if (ifNoneMatch.Length > 0) put = put with { Headers = [("If-None-Match", ifNoneMatch)] };
        Assert.Equal("close", (await service.Http.SendAsync(put)).MustBe(status)["connection"]);
        Assert.Null((await service.Http.SendAsync(put with { Body = [1], Headers = [] })).MustBe(HttpStatusCode.OK)["connection"]);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_a_download_disturbs_nobody()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", TestData.Bytes(20 * TestData.Mebibyte)))).MustBe(HttpStatusCode.OK);
        for (var i = 0; i < 5; i++)
        {
            using var client = RawClient.NewHttpClient(null);
            using var request = service.Http.Write(RawRequest.Get(bucket, "object"));
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await answer.Content.ReadAsStreamAsync();
            Assert.True(await stream.ReadAsync(new byte[1000]) > 0);
        }
        Assert.Equal(20 * TestData.Mebibyte, (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK).Body.Length);
    }
}
