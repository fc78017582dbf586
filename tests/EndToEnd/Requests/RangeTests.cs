using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>A range of an object is that range of its bytes, wherever it lies among the chunks.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class RangeTests(ServiceFixture service)
{
    private const int Chunk = 16384;
    private const string Sse = "x-amz-server-side-encryption";

    public static TheoryData<string, int> Objects()
    {
        var cases = new TheoryData<string, int>();
        foreach (var mode in new[] { Mode.S3, Mode.Double })
            foreach (var size in new[] { 1, Chunk - 1, Chunk, Chunk + 1, 2 * Chunk, 5 * Chunk + 7, 9 * TestData.Mebibyte }) cases.Add(mode, size);
        cases.Add(Mode.BucketKey, 5 * Chunk + 7);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public async Task A_range_is_those_bytes_and_no_others(string mode, int size)
    {
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(size);
        (string, string)[] headers = mode switch
        {
            Mode.BucketKey => [(Sse, "aws:kms"), ($"{Sse}-bucket-key-enabled", "true")],
            _ => [(Sse, mode)],
        };
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", body, headers))).MustBe(HttpStatusCode.OK);
        foreach (var (range, offset, count) in Ranges(size))
        {
            var got = await service.Http.SendAsync(RawRequest.Get(bucket, "object", ("Range", range)));
            Assert.True(got.Status == HttpStatusCode.PartialContent, $"{range}: {got.Status} {got.ErrorCode}");
            Assert.True(body.AsSpan(offset, count).SequenceEqual(got.Body), $"{range} of {size} bytes");
            Assert.Equal($"bytes {offset}-{offset + count - 1}/{size}", got["content-range"]);
            Assert.Equal($"{count}", got["content-length"]);
        }
    }

    [Theory]
    [InlineData(0, "bytes=0-0")]
    [InlineData(0, "bytes=-1")]
    [InlineData(0, "bytes=0-")]
    [InlineData(10, "bytes=10-10")]
    [InlineData(10, "bytes=10-")]
    [InlineData(10, "bytes=9007199254740991-9007199254740991")]
    [InlineData(10, "bytes=9223372036854775807-")]
    [InlineData(10, "bytes=-0")]
    [InlineData(9 * TestData.Mebibyte, "bytes=9437184-9437185")]
    public async Task A_range_behind_the_end_is_not_satisfiable(int size, string range)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", TestData.Bytes(size)))).MustBe(HttpStatusCode.OK);
        var got = await service.Http.SendAsync(RawRequest.Get(bucket, "object", ("Range", range)));
        got.MustBeError(416, "InvalidRange", "The requested range is not satisfiable");
        Assert.Equal((range, $"{size}"), (got.ErrorField("RangeRequested"), got.ErrorField("ActualObjectSize")));
        var head = await service.Http.SendAsync(RawRequest.Head(bucket, "object", ("Range", range)));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, 0), (head.Status, head.Body.Length));
    }

    [Theory]
    [InlineData("bytes=1-0")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=0-9223372036854775808")]
    [InlineData("items=0-1")]
    public async Task A_range_of_another_form_is_ignored(string range)
    {
        var bucket = await service.NewBucketAsync();
        await service.Http.SendAsync(RawRequest.Put(bucket, "object", "0123456789"u8.ToArray()));
        var got = await service.Http.SendAsync(RawRequest.Get(bucket, "object", ("Range", range)));
        Assert.Equal("0123456789", got.MustBe(HttpStatusCode.OK).Text);
        Assert.Null(got["content-range"]);
    }

    [Fact]
    public async Task HEAD_answers_a_range_with_its_length()
    {
        var bucket = await service.NewBucketAsync();
        await service.Http.SendAsync(RawRequest.Put(bucket, "object", "0123456789"u8.ToArray()));
        var head = (await service.Http.SendAsync(RawRequest.Head(bucket, "object", ("Range", "bytes=2-4")))).MustBe(HttpStatusCode.PartialContent);
        Assert.Equal(("3", "bytes 2-4/10"), (head["content-length"], head["content-range"]));
    }

    /// <summary>All around the chunks' borders, and some at random.</summary>
    private static IEnumerable<(string Range, int Offset, int Count)> Ranges(int size)
    {
        // A staged object's ranges are long: there are fewer of them.
        int[] borders = size < TestData.Mebibyte ? [0, 1, Chunk - 1, Chunk, Chunk + 1, 2 * Chunk - 1, 2 * Chunk, size - Chunk, size - 2, size - 1] : [0, Chunk, size - Chunk - 1, size - 1];
        foreach (var first in borders.Where(first => first >= 0 && first < size).Distinct())
        {
            yield return ($"bytes={first}-", first, size - first);
            yield return ($"bytes=-{size - first}", first, size - first);
            foreach (var last in borders.Where(last => last >= first && last < size).Distinct()) yield return ($"bytes={first}-{last}", first, last - first + 1);
        }
        yield return ($"bytes=0-{size + 100}", 0, size);
        yield return ($"bytes=-{size + 100}", 0, size);
        yield return ("bytes=0-9007199254740991", 0, size);
        yield return ("bytes=0-9223372036854775807", 0, size);

        var random = new Random(size);
        for (var i = 0; i < 15; i++)
        {
            var first = random.Next(size);
            var last = random.Next(first, size);
            yield return ($"bytes={first}-{last}", first, last - first + 1);
        }
    }
}
