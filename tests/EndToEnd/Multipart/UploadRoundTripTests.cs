using System.Net;
using System.Security.Cryptography;
using Amazon.S3.Transfer;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Multipart;

/// <summary>What is uploaded in parts comes back whole, by range, and by part, in every mode.</summary>
[Collection(UploadsCollection.Name)]
public sealed class UploadRoundTripTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const int PartSize = 5 * TestData.Mebibyte;

    public static TheoryData<string> Modes { get; } = [.. Mode.Stored];

    /// <summary>Up from a file in parts at once, down into another as the transfer utility does it, and a range across a part's border.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_file_of_100_MiB_that_the_SDKs_transfer_utility_uploads_comes_back(string mode)
    {
        const long partSize = 8 * TestData.Mebibyte;
        var requested = new RequestedMode(mode, mode == Mode.BucketKey ? await service.NewKeyAsync() : "", "", CustomerKey.New());
        var s3 = requested.OverTls ? service.S3OverTls : service.S3;
        var bucket = await service.NewBucketAsync();
        var body = TestData.Bytes(100 * TestData.Mebibyte + 12_345);
        var folder = Directory.CreateTempSubdirectory("end-to-end-").FullName;
        try
        {
            var (file, copy) = (Path.Combine(folder, "file"), Path.Combine(folder, "copy"));
            await File.WriteAllBytesAsync(file, body);
            using var transfer = new TransferUtility(s3);
            var upload = new TransferUtilityUploadRequest { BucketName = bucket, Key = "a/large file", FilePath = file, PartSize = partSize };
            requested.Apply(upload);
            await transfer.UploadAsync(upload);
            var download = new TransferUtilityDownloadRequest { BucketName = bucket, Key = "a/large file", FilePath = copy };
            requested.Apply(download);
            await transfer.DownloadAsync(download);
            await using var read = File.OpenRead(copy);
            Assert.Equal(Convert.ToHexString(SHA256.HashData(body)), Convert.ToHexString(await SHA256.HashDataAsync(read)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        var get = new Amazon.S3.Model.GetObjectRequest { BucketName = bucket, Key = "a/large file", ByteRange = new(2 * partSize - 100_000, 2 * partSize + 99_999) };
        requested.Apply(get);
        using var got = await s3.GetObjectAsync(get);
        Assert.Matches("^\"[0-9a-f]{32}-13\"$", got.ETag);
        Assert.Equal(requested.Answered, got.ServerSideEncryptionMethod?.Value is { Length: > 0 } answered ? answered : null);
        using var range = new MemoryStream();
        await got.ResponseStream.CopyToAsync(range);
        Assert.True(range.ToArray().AsSpan().SequenceEqual(body.AsSpan((int)(2 * partSize - 100_000), 200_000)));
        Assert.Empty((await s3.ListMultipartUploadsAsync(bucket)).MultipartUploads ?? []);
    }

    /// <summary>Parts of every kind of size: a whole number of chunks, one byte more, one that is staged in blocks, and a last one of one byte.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Ranges_and_parts_are_exact_across_the_parts_borders(string mode)
    {
        var (headers, keyHeaders, client) = Requested(mode);
        var bucket = await service.NewBucketAsync();
        int[] sizes = [PartSize, PartSize + 1, 9 * TestData.Mebibyte, 1];
        var bodies = sizes.Select((size, i) => TestData.Bytes(size, seed: i)).ToArray();
        var whole = bodies.SelectMany(body => body).ToArray();
        var upload = await RawUpload.BeginAsync(client, bucket, "object", headers, keyHeaders);
        // In any order, all at once, and with gaps between the numbers.
        var parts = await Task.WhenAll(Enumerable.Range(0, 4).Reverse().Select(i => upload.PutPartAsync(10 * i + 1, bodies[i])));
        var completed = (await upload.CompleteAsync(parts.OrderBy(part => part.Number))).MustBe(HttpStatusCode.OK);
        var etag = RawUpload.Field(completed, "ETag");

        foreach (var (first, last) in new[]
        {
            (0, whole.Length - 1), (0, 0), (PartSize - 1, PartSize), (PartSize, PartSize), (PartSize - 16_384, PartSize + 16_384), (100, 2 * PartSize + 100),
            (2 * PartSize, 2 * PartSize + 1), (whole.Length - 2, whole.Length - 1), (whole.Length - 1, whole.Length - 1), (PartSize / 2, whole.Length - 2),
        })
        {
            var got = (await client.SendAsync(RawRequest.Get(bucket, "object", [.. keyHeaders, ("Range", $"bytes={first}-{last}")]))).MustBe(HttpStatusCode.PartialContent);
            Assert.Equal($"bytes {first}-{last}/{whole.Length}", got["content-range"]);
            Assert.True(whole.AsSpan(first, last - first + 1).SequenceEqual(got.Body), $"{first}-{last}");
        }
        var start = 0;
        for (var i = 0; i < sizes.Length; i++)
        {
            var got = (await client.SendAsync(RawRequest.Get(bucket, "object", keyHeaders) with { Query = [("partNumber", $"{10 * i + 1}")] })).MustBe(HttpStatusCode.PartialContent);
            Assert.True(bodies[i].AsSpan().SequenceEqual(got.Body), $"part {10 * i + 1}");
            var head = (await client.SendAsync(RawRequest.Head(bucket, "object", keyHeaders) with { Query = [("partNumber", $"{10 * i + 1}")] })).MustBe(HttpStatusCode.PartialContent);
            foreach (var answer in (RawAnswer[])[got, head])
            {
                Assert.Equal(($"bytes {start}-{start + sizes[i] - 1}/{whole.Length}", $"{sizes[i]}", "4", etag),
                    (answer["content-range"], answer["content-length"], answer["x-amz-mp-parts-count"], answer["etag"]));
            }
            start += sizes[i];
        }
        var all = (await client.SendAsync(RawRequest.Get(bucket, "object", keyHeaders))).MustBe(HttpStatusCode.OK);
        Assert.True(whole.AsSpan().SequenceEqual(all.Body));
        Assert.Null(all["x-amz-mp-parts-count"]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_answers_tell_the_encryption_as_S3s_do(string mode)
    {
        var (headers, keyHeaders, client) = Requested(mode);
        var bucket = await service.NewBucketAsync();
        string[] customer = [$"{Sse}-customer-algorithm", $"{Sse}-customer-key-md5"];
        string[] told = mode switch
        {
            Mode.Customer => customer,
            Mode.S3 => [Sse],
            Mode.BucketKey => [Sse, $"{Sse}-aws-kms-key-id", $"{Sse}-bucket-key-enabled"],
            _ => [Sse, $"{Sse}-aws-kms-key-id"],
        };
        var upload = await RawUpload.BeginAsync(client, bucket, "object", headers, keyHeaders);
        Assert.Equal(told, upload.Begun.EncryptionHeaders);
        // Other encryption headers of a part and of the completion are ignored.
        var part = (await upload.PutAsync(1, TestData.Bytes(1000), mode == Mode.Customer ? [] : [(Sse, "nonsense")])).MustBe(HttpStatusCode.OK);
        Assert.Equal(told, part.EncryptionHeaders);
        Assert.Equal(mode == Mode.S3, part["etag"] == $"\"{Convert.ToHexStringLower(MD5.HashData(TestData.Bytes(1000)))}\"");
        Assert.Empty((await upload.ListPartsAsync()).MustBe(HttpStatusCode.OK).EncryptionHeaders);
        var completed = (await upload.CompleteAsync([(1, part["etag"]!)])).MustBe(HttpStatusCode.OK);
        Assert.Equal(mode == Mode.Customer ? [] : told, completed.EncryptionHeaders);
        Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(Convert.FromHexString(part["etag"]!.Trim('"'))))}-1\"", RawUpload.Field(completed, "ETag"));
        Assert.Equal(new Uri(client.Endpoint, $"/{bucket}/object").AbsoluteUri, RawUpload.Field(completed, "Location"));
        Assert.Equal(told, (await client.SendAsync(RawRequest.Head(bucket, "object", keyHeaders))).MustBe(HttpStatusCode.OK).EncryptionHeaders);
    }

    [Fact]
    public async Task The_client_s_encryption_context_and_metadata_are_those_of_the_beginning()
    {
        var bucket = await service.NewBucketAsync();
        const string Context = "eyJkZXBhcnRtZW50IjoiMTAifQ==";
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "object",
            [(Sse, "aws:kms"), ($"{Sse}-context", Context), ("Content-Type", "text/x-test"), ("Cache-Control", "no-cache"), ("x-amz-meta-name", "grüße")]);
        Assert.Equal(Context, upload.Begun[$"{Sse}-context"]);
        var part = await upload.PutPartAsync(1, "body"u8.ToArray());
        Assert.Null((await upload.CompleteAsync([part])).MustBe(HttpStatusCode.OK)[$"{Sse}-context"]);
        var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        Assert.Equal(("text/x-test", "no-cache", "grüße", "body"), (got["content-type"], got["cache-control"], got["x-amz-meta-name"], got.Text));
    }

    [Fact]
    public async Task An_object_may_be_made_of_one_part_without_a_byte()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var mode in Mode.Stored)
        {
            var (headers, keyHeaders, client) = Requested(mode);
            var upload = await RawUpload.BeginAsync(client, bucket, mode, headers, keyHeaders);
            var part = await upload.PutPartAsync(1, []);
            (await upload.CompleteAsync([part])).MustBe(HttpStatusCode.OK);
            Assert.Empty((await client.SendAsync(RawRequest.Get(bucket, mode, keyHeaders))).MustBe(HttpStatusCode.OK).Body);
            Assert.Empty((await client.SendAsync(RawRequest.Get(bucket, mode, keyHeaders) with { Query = [("partNumber", "1")] })).MustBe(HttpStatusCode.OK).Body);
        }
    }

    [Fact]
    public async Task An_object_that_came_in_one_request_is_its_part_1()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var size in (int[])[1000, 9 * TestData.Mebibyte])
        {
            (await service.Http.SendAsync(RawRequest.Put(bucket, "object", TestData.Bytes(size)))).MustBe(HttpStatusCode.OK);
            foreach (var request in (RawRequest[])[RawRequest.Get(bucket, "object"), RawRequest.Head(bucket, "object")])
            {
                var got = (await service.Http.SendAsync(request with { Query = [("partNumber", "1")] })).MustBe(HttpStatusCode.PartialContent);
                Assert.Equal(($"bytes 0-{size - 1}/{size}", null), (got["content-range"], got["x-amz-mp-parts-count"]));
                Assert.Equal(416, (int)(await service.Http.SendAsync(request with { Query = [("partNumber", "2")] })).Status);
            }
        }
        var refused = await service.Http.SendAsync(RawRequest.Get(bucket, "object") with { Query = [("partNumber", "2")] });
        refused.MustBeError(416, "InvalidPartNumber", "The requested partnumber is not satisfiable");
        Assert.Equal(("2", "1"), (refused.ErrorField("PartNumberRequested"), refused.ErrorField("ActualPartCount")));
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object", ("Range", "bytes=0-1")) with { Query = [("partNumber", "1")] }))
            .MustBeError(400, "InvalidRequest", "Cannot specify both Range header and partNumber query parameter");
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object") with { Query = [("partNumber", "0")] }))
            .MustBeError(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
    }

    /// <summary>The headers that begin an upload in a mode, those that its parts and reads carry, and who sends them.</summary>
    private ((string, string)[] Headers, (string, string)[] KeyHeaders, RawClient Client) Requested(string mode)
    {
        if (mode == Mode.Customer)
        {
            var key = CustomerKey.New();
            return (key.Headers, key.Headers, service.Https);
        }
        return (mode == Mode.BucketKey ? [(Sse, "aws:kms"), ($"{Sse}-bucket-key-enabled", "true")] : [(Sse, mode)], [], service.Http);
    }
}
