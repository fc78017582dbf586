using System.Globalization;
using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>Conditional requests, with S3's precedence where conditions disagree.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class ConditionalTests(ServiceFixture service)
{
    private const string True = "true", False = "false";

    /// <summary>Each header absent, true or false, and what a read then answers (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).</summary>
    public static TheoryData<string?, string?, string?, string?, int> Reads() => new()
    {
        // If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since
        { True, null, null, null, 200 },
        { False, null, null, null, 412 },
        { null, True, null, null, 200 },
        { null, False, null, null, 304 },
        { null, null, True, null, 200 },
        { null, null, False, null, 304 },
        { null, null, null, True, 200 },
        { null, null, null, False, 412 },
        { True, null, null, False, 200 },
        { False, null, null, True, 412 },
        { null, False, True, null, 304 },
        { null, True, False, null, 200 },
        { True, False, null, null, 304 },
        { False, False, null, null, 412 },
        { True, True, True, True, 200 },
        { False, False, False, False, 412 },
    };

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task A_read_follows_its_conditions(string? match, string? noneMatch, string? modified, string? unmodified, int status)
    {
        var bucket = await service.NewBucketAsync();
        await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()));
        var head = await service.Http.SendAsync(RawRequest.Head(bucket, "object"));
        var at = DateTimeOffset.ParseExact(head["last-modified"]!, "r", CultureInfo.InvariantCulture);

        List<(string, string)> headers = [];
        if (match is not null) headers.Add(("If-Match", match == True ? head["etag"]! : "\"other\""));
        if (noneMatch is not null) headers.Add(("If-None-Match", noneMatch == True ? "\"other\"" : head["etag"]!));
        if (modified is not null) headers.Add(("If-Modified-Since", (modified == True ? at.AddSeconds(-1) : at).ToString("r")));
        if (unmodified is not null) headers.Add(("If-Unmodified-Since", (unmodified == True ? at : at.AddSeconds(-1)).ToString("r")));

        var got = await service.Http.SendAsync(RawRequest.Get(bucket, "object", [.. headers]));
        Assert.Equal(status, (int)got.Status);
        Assert.Equal(status, (int)(await service.Http.SendAsync(RawRequest.Head(bucket, "object", [.. headers]))).Status);
        if (status == 304)
        {
            Assert.Empty(got.Body);
            Assert.Equal(head["etag"], got["etag"]);
        }
        if (status == 412) got.MustBeError(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
    }

    [Fact]
    public async Task If_Match_takes_a_list_and_a_star_on_a_read()
    {
        var bucket = await service.NewBucketAsync();
        var etag = (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray())))["etag"]!;
        foreach (var value in new[] { "*", $"\"other\", {etag}", etag.Trim('"') })
            (await service.Http.SendAsync(RawRequest.Get(bucket, "object", ("If-Match", value)))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_many_that_create_a_key_on_condition_that_it_is_new_one_succeeds()
    {
        var bucket = await service.NewBucketAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            service.Http.SendAsync(RawRequest.Put(bucket, "object", TestData.Bytes(5000, i), ("If-None-Match", "*")))));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
            Assert.Contains(answer.ErrorCode, new[] { "PreconditionFailed", "ConditionalRequestConflict" }));
        var winner = Array.FindIndex(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(TestData.Bytes(5000, winner), (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).Body);
    }

    [Fact]
    public async Task Updates_on_condition_of_the_ETag_that_was_read_lose_none()
    {
        var bucket = await service.NewBucketAsync();
        await service.Http.SendAsync(RawRequest.Put(bucket, "counter", "0"u8.ToArray()));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            for (var done = 0; done < 5;)
            {
                var read = await service.Http.SendAsync(RawRequest.Get(bucket, "counter"));
                var next = System.Text.Encoding.ASCII.GetBytes($"{int.Parse(read.Text, CultureInfo.InvariantCulture) + 1}");
                var put = await service.Http.SendAsync(RawRequest.Put(bucket, "counter", next, ("If-Match", read["etag"]!)));
                if (put.Status == HttpStatusCode.OK) done++;
                else Assert.Contains(put.ErrorCode, new[] { "PreconditionFailed", "ConditionalRequestConflict" });
            }
        }));
        Assert.Equal("20", (await service.Http.SendAsync(RawRequest.Get(bucket, "counter"))).Text);
    }

    [Fact]
    public async Task A_staged_upload_whose_condition_does_not_hold_leaves_the_old_object()
    {
        var bucket = await service.NewBucketAsync();
        await service.Http.SendAsync(RawRequest.Put(bucket, "object", "old"u8.ToArray()));
        var large = TestData.Bytes(9 * TestData.Mebibyte);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", large, ("If-None-Match", "*")) with { ExpectContinue = true })).MustBeError(412, "PreconditionFailed");
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", large, ("If-Match", "\"other\"")) with { ExpectContinue = true })).MustBeError(412, "PreconditionFailed");
        Assert.Equal("old", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).Text);
    }

    [Fact]
    public async Task A_deletion_on_condition_of_the_right_ETag_deletes()
    {
        var bucket = await service.NewBucketAsync();
        var etag = (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray())))["etag"]!;
        (await service.Http.SendAsync(RawRequest.Delete(bucket, "object", ("If-Match", "\"other\"")))).MustBeError(412, "PreconditionFailed");
        (await service.Http.SendAsync(RawRequest.Delete(bucket, "object", ("If-Match", etag)))).MustBe(HttpStatusCode.NoContent);
        (await service.Http.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.NotFound);
    }
}
