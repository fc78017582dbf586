using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.RoundTrips;

/// <summary>What an unmodified SDK puts, it gets back, in every mode and around every size where the format changes.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class RoundTripTests(ServiceFixture service)
{
    /// <summary>Sealed in memory: empty, around a chunk's border, many chunks, and the largest.</summary>
    private static readonly int[] SmallSizes = [0, 1, 16383, 16384, 16385, TestData.Mebibyte];

    /// <summary>The largest in one write, the smallest that is staged, and one of several blocks.</summary>
    private static readonly int[] LargeSizes = [8 * TestData.Mebibyte, 8 * TestData.Mebibyte + 1, 20 * TestData.Mebibyte];

    public static TheoryData<string, int> Small() => Cases(Mode.All, SmallSizes);

    public static TheoryData<string, int> Large() => Cases(Mode.Stored, LargeSizes);

    [Theory]
    [MemberData(nameof(Small))]
    [MemberData(nameof(Large))]
    public async Task An_object_comes_back_as_it_was_put(string mode, int size)
    {
        var requested = await RequestAsync(mode);
        var s3 = requested.OverTls ? service.S3OverTls : service.S3;
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(size);

        var put = new PutObjectRequest { BucketName = bucket, Key = "object", InputStream = new MemoryStream(body) };
        requested.Apply(put);
        var stored = await s3.PutObjectAsync(put);
        Assert.Equal(requested.Answered, stored.ServerSideEncryptionMethod?.Value is { Length: > 0 } answered ? answered : null);
        Assert.Equal(requested.IsS3, stored.ETag == $"\"{Convert.ToHexStringLower(MD5.HashData(body))}\"");

        var head = new GetObjectMetadataRequest { BucketName = bucket, Key = "object" };
        requested.Apply(head);
        var described = await s3.GetObjectMetadataAsync(head);
        Assert.Equal(size, described.ContentLength);
        Assert.Equal(stored.ETag, described.ETag);

        var get = new GetObjectRequest { BucketName = bucket, Key = "object" };
        requested.Apply(get);
        using var got = await s3.GetObjectAsync(get);
        Assert.Equal(stored.ETag, got.ETag);
        Assert.Equal(size, got.ContentLength);
        var read = await ReadAsync(got);
        Assert.True(body.AsSpan().SequenceEqual(read));
    }

    [Theory]
    [InlineData(Mode.ManagedKms)]
    [InlineData(Mode.Customer)]
    public async Task The_ETag_of_the_same_data_differs_from_upload_to_upload_unless_the_mode_is_SSE_S3(string mode)
    {
        var requested = await RequestAsync(mode);
        var s3 = requested.OverTls ? service.S3OverTls : service.S3;
        var bucket = await service.NewBucketAsync();
        var etags = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            var put = new PutObjectRequest { BucketName = bucket, Key = "object", ContentBody = "the same" };
            requested.Apply(put);
            etags.Add((await s3.PutObjectAsync(put)).ETag);
        }
        Assert.Equal(3, etags.Count);
    }

    [Fact]
    public async Task An_object_is_replaced_whole_also_by_one_of_another_mode_and_size()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var (mode, size) in new[] { (Mode.S3, 9 * TestData.Mebibyte), (Mode.ManagedKms, 10), (Mode.Double, 12 * TestData.Mebibyte), (Mode.Default, 0) })
        {
            var requested = await RequestAsync(mode);
            var body = TestData.Bytes(size, seed: size);
            var put = new PutObjectRequest { BucketName = bucket, Key = "object", InputStream = new MemoryStream(body) };
            requested.Apply(put);
            await service.S3.PutObjectAsync(put);
            using var got = await service.S3.GetObjectAsync(bucket, "object");
            Assert.Equal(requested.Answered, got.ServerSideEncryptionMethod.Value);
            var read = await ReadAsync(got);
            Assert.True(body.AsSpan().SequenceEqual(read));
        }
    }

    private async Task<RequestedMode> RequestAsync(string mode)
    {
        if (mode is Mode.Default or Mode.S3 or Mode.ManagedKms or Mode.Customer) return new(mode, "", "", CustomerKey.New());
        var arn = await service.NewKeyAsync();
        var alias = $"alias/{Guid.NewGuid():N}";
        await service.Kms.CreateAliasAsync(new() { AliasName = alias, TargetKeyId = arn[(arn.LastIndexOf('/') + 1)..] });
        return new(mode, arn, alias, CustomerKey.New());
    }

    private static async Task<byte[]> ReadAsync(GetObjectResponse answer)
    {
        using var body = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(body);
        return body.ToArray();
    }

    private static TheoryData<string, int> Cases(string[] modes, int[] sizes)
    {
        var cases = new TheoryData<string, int>();
        foreach (var mode in modes)
            foreach (var size in sizes) cases.Add(mode, size);
        return cases;
    }
}
