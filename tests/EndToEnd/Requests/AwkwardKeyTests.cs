using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>A key is any UTF-8 of up to 1024 bytes; none is rewritten on its way, and no two are one.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class AwkwardKeyTests(ServiceFixture service)
{
    /// <summary>Neighbours of one line are those that a client, a proxy or a store might take for the same.</summary>
    private static readonly string[][] Families =
    [
        ["/", "//", "///"],
        ["/a", "a", "a/", "//a", "a//", "/a/"],
        ["a/b", "a//b", "a/./b", "a/../b", "b", "a/.../b", "a/..", "a/.", "a/b/", "a/b/.", "a/b/.."],
        [".", "..", "...", "./", "../", "./a", "../a"],
        ["dot.", "dot", "dot..", "dot./", "dot./x", "dot/x"],
        ["a%2Fb", "a%252Fb", "a%2fb", "%", "%%", "%2", "%zz", "%41", "A"],
        ["a+b", "a b", "a%20b", "a%2Bb"],
        [" ", "  ", " a", "a ", "a  ", "a / b", " !", "  !", "! ", "!"],
        ["a\\b", "a\\\\b", "\\", "a] b", "]", "] ", "]!"],
        ["q?x=1", "q?", "q", "q#f", "q#", "q&r=1", "q?versionId=null"],
        ["0", "0 /", "0/", "0 / ", "00"],
        ["\u0001", "\u0002", "\t", "\n", "\r", "\r\n", "\u001F", "\u007F", "\u0080", "\u009F", "\u00A0", "\u00A0 "],
        ["\uFFFE", "\uFFFF", "\uFFFD", "\uD7FF", "\uE000", "\uF8FF", "\uFEFF", "\uFEFFa"],
        ["😀", "😀/😀", "\U0010FFFF", "\U00010000"],
        ["e\u0301", "\u00E9", "\u212B", "\u00C5", "ﬁ", "fi", "ǆ", "İ", "i\u0307"],
        ["\"quoted\"", "<xml>&amp;", "'", "*", "|", ":", "a:b", "C:\\con", "nul", "~", "$logs", "`^{}[]"],
        ["Case", "case", "CASE"],
    ];

    public static TheoryData<string> AllFamilies()
    {
        var cases = new TheoryData<string>();
        foreach (var family in Families) cases.Add(Escape(family[0]));
        return cases;
    }

    [Theory]
    [MemberData(nameof(AllFamilies))]
    public async Task Neighbouring_keys_are_put_read_and_deleted_each_by_itself(string first)
    {
        var keys = Families.Single(family => Escape(family[0]) == first);
        var bucket = await service.NewBucketAsync();
        foreach (var key in keys) (await service.Http.SendAsync(RawRequest.Put(bucket, key, Encoding.UTF8.GetBytes($"of {key}")))).MustBe(HttpStatusCode.OK);
        foreach (var key in keys)
        {
            Assert.Equal($"of {key}", (await service.Http.SendAsync(RawRequest.Get(bucket, key))).MustBe(HttpStatusCode.OK).Text);
            Assert.Equal($"{Encoding.UTF8.GetByteCount(key) + 3}", (await service.Http.SendAsync(RawRequest.Head(bucket, key))).MustBe(HttpStatusCode.OK)["content-length"]);
        }
        for (var i = 0; i < keys.Length; i++)
        {
            (await service.Http.SendAsync(RawRequest.Delete(bucket, keys[i]))).MustBe(HttpStatusCode.NoContent);
            (await service.Http.SendAsync(RawRequest.Get(bucket, keys[i]))).MustBeError(404, "NoSuchKey");
            if (i + 1 < keys.Length) (await service.Http.SendAsync(RawRequest.Head(bucket, keys[i + 1]))).MustBe(HttpStatusCode.OK);
        }
        // Every one of them was deleted, and nothing beside them was made.
        await service.S3.DeleteBucketAsync(bucket);
    }

    /// <summary>Keys whose path an unmodified SDK sends as it is.</summary>
    [Theory]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("trailing.")]
    [InlineData("a%2Fb")]
    [InlineData("a%252Fb")]
    [InlineData("a+b c")]
    [InlineData("back\\slash")]
    [InlineData("question?#hash")]
    [InlineData("😀/e\u0301")]
    [InlineData("\u0001\u001F\u007F")]
    public async Task The_SDK_gets_back_what_it_put_under_an_awkward_key(string key)
    {
        var bucket = await service.NewBucketAsync();
        await service.S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, ContentBody = key });
        using var got = await service.S3.GetObjectAsync(bucket, key);
        using var reader = new StreamReader(got.ResponseStream);
        Assert.Equal(key, await reader.ReadToEndAsync());
        // The raw client, whose path is exactly what it is told, sees the same object.
        Assert.Equal(key, (await service.Http.SendAsync(RawRequest.Get(bucket, key))).Text);
        await service.S3.DeleteObjectAsync(bucket, key);
        var gone = await Assert.ThrowsAsync<AmazonS3Exception>(() => service.S3.GetObjectMetadataAsync(bucket, key));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Theory]
    [InlineData("k")]
    [InlineData("é")]
    [InlineData("😀")]
    public async Task A_key_may_have_1024_bytes_and_no_more(string unit)
    {
        var bucket = await service.NewBucketAsync();
        var longest = string.Concat(Enumerable.Repeat(unit, 1024 / Encoding.UTF8.GetByteCount(unit)));
        (await service.Http.SendAsync(RawRequest.Put(bucket, longest, "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, longest))).MustBe(HttpStatusCode.OK).Text);
        // Its neighbour differs in the last character alone.
        (await service.Http.SendAsync(RawRequest.Get(bucket, longest[..^unit.Length] + "x"))).MustBeError(404, "NoSuchKey");
        (await service.Http.SendAsync(RawRequest.Delete(bucket, longest))).MustBe(HttpStatusCode.NoContent);

        foreach (var request in new[] { RawRequest.Put(bucket, longest + "k", "body"u8.ToArray()), RawRequest.Get(bucket, longest + "k"), RawRequest.Delete(bucket, longest + "k") })
        {
            var refused = await service.Http.SendAsync(request);
            refused.MustBeError(400, "KeyTooLongError", "Your key is too long");
            Assert.Equal(("1025", "1024"), (refused.ErrorField("Size"), refused.ErrorField("MaxSizeAllowed")));
        }
    }

    [Theory]
    [InlineData("%FF")]
    [InlineData("%C0%AF")]
    [InlineData("%ED%A0%80")]
    public async Task A_path_that_is_not_UTF_8_is_refused(string path)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}/{path}"))).MustBeError(400, "InvalidURI");
    }

    /// <summary>Printable, for the test's name.</summary>
    private static string Escape(string key) => SigV4.Encode(key);
}
