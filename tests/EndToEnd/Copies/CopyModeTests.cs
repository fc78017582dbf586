using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Azure.Storage.Blobs.Models;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Copies;

/// <summary>Objects are copied by the SDK from every mode into every mode, whichever way they are stored.</summary>
[Collection(CopiesCollection.Name)]
public sealed class CopyModeTests(ServiceFixture service)
{
    public static TheoryData<string> Kinds { get; } = [.. SourceObject.Kinds];

    public static TheoryData<string, string> Sources()
    {
        var sources = new TheoryData<string, string>();
        foreach (var mode in Mode.Copied)
            foreach (var kind in SourceObject.Kinds) sources.Add(mode, kind);
        return sources;
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task An_object_is_copied_into_every_mode(string mode, string kind)
    {
        var (bucket, sourceMode) = (await service.NewBucketAsync(), await RequestAsync(mode));
        var source = await SourceObject.MakeAsync(service, bucket, kind, sourceMode);
        foreach (var target in Mode.Copied)
        {
            var targetMode = await RequestAsync(target);
            await CopyAsync(source, sourceMode, bucket, "the copy/ü", targetMode);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_object_is_copied_onto_itself_into_one_mode_after_the_other(string kind)
    {
        var (bucket, mode) = (await service.NewBucketAsync(), await RequestAsync(Mode.S3));
        var source = await SourceObject.MakeAsync(service, bucket, kind, mode);
        // Twice SSE-C: the customer's key is changed.
        foreach (var target in (string[])[Mode.ManagedKms, Mode.KeyArn, Mode.BucketKey, Mode.Double, Mode.Customer, Mode.Customer, Mode.S3])
        {
            var (before, after) = (mode, await RequestAsync(target));
            await CopyAsync(source, before, bucket, SourceObject.Key, after);
            if (before.OverTls && after.OverTls)
                (await service.Https.SendAsync(RawRequest.Get(bucket, SourceObject.Key, before.KeyHeaders))).MustBeError(403, "AccessDenied");
            mode = after;
        }
        // What was replaced is gone, but for an upload's parts, which are left to the timer.
        if (kind is "staged") Assert.Single(await DataBlobsAsync(bucket));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_range_across_the_borders_of_chunks_and_parts_is_copied_as_a_part(string mode, string kind)
    {
        var (bucket, sourceMode) = (await service.NewBucketAsync(), await RequestAsync(mode));
        var source = await SourceObject.MakeAsync(service, bucket, kind, sourceMode);
        var (from, to) = kind is "small" ? (16_383, 65_536) : (SourceObject.FirstPart - 1, SourceObject.FirstPart + 16_384);
        var upload = await RawUpload.BeginAsync(service.Https, bucket, "target");
        var copied = await upload.CopyAsync(1, $"{bucket}/{SigV4.Encode(SourceObject.Key, keepSlash: true)}", [.. sourceMode.CopySourceHeaders, ("x-amz-copy-source-range", $"bytes={from}-{to}")]);
        (await upload.CompleteAsync([(1, RawUpload.Field(copied.MustBe(HttpStatusCode.OK), "ETag"))])).MustBe(HttpStatusCode.OK);
        Assert.True((await service.Http.SendAsync(RawRequest.Get(bucket, "target"))).Body.AsSpan().SequenceEqual(source.Body.AsSpan(from..(to + 1))));
    }

    /// <summary>Copies, and requires of the copy whatever its source and its mode say.</summary>
    private async Task CopyAsync(SourceObject source, RequestedMode sourceMode, string bucket, string key, RequestedMode targetMode)
    {
        var copy = new CopyObjectRequest { SourceBucket = source.Bucket, SourceKey = SourceObject.Key, DestinationBucket = bucket, DestinationKey = key };
        sourceMode.ApplySource(copy);
        targetMode.ApplyTarget(copy);
        var s3 = sourceMode.OverTls || targetMode.OverTls ? service.S3OverTls : service.S3;
        var copied = await s3.CopyObjectAsync(copy);
        Assert.Equal((targetMode.Answered, source.Sha256, ChecksumType.FULL_OBJECT), (Named(copied.ServerSideEncryptionMethod), copied.ChecksumSHA256, copied.ChecksumType));
        Assert.Equal(targetMode.IsS3, copied.ETag == $"\"{source.Md5}\"");

        var get = new GetObjectRequest { BucketName = bucket, Key = key, ChecksumMode = ChecksumMode.ENABLED };
        targetMode.Apply(get);
        using var got = await (targetMode.OverTls ? service.S3OverTls : service.S3).GetObjectAsync(get);
        Assert.Equal((targetMode.Answered, copied.ETag, source.Sha256), (Named(got.ServerSideEncryptionMethod), got.ETag, got.ChecksumSHA256));
        Assert.Equal((SourceObject.ContentType, "blue"), (got.Headers.ContentType, got.Metadata["colour"]));
        Assert.Equal(targetMode.Headers.Any(header => header.Value == "true"), got.BucketKeyEnabled ?? false);
        using var body = new MemoryStream();
        await got.ResponseStream.CopyToAsync(body);
        Assert.True(source.Body.AsSpan().SequenceEqual(body.ToArray()));
    }

    private static string? Named(ServerSideEncryptionMethod? method) => method?.Value is { Length: > 0 } name ? name : null;

    private async Task<RequestedMode> RequestAsync(string mode) =>
        new(mode, mode is Mode.KeyArn or Mode.BucketKey or Mode.Double ? await service.NewKeyAsync() : "", "", CustomerKey.New());

    private async Task<List<string>> DataBlobsAsync(string bucket)
    {
        var names = new List<string>();
        await foreach (var blob in service.Blobs.GetBlobContainerClient("uploads").GetBlobsAsync(new GetBlobsOptions { Prefix = bucket })) names.Add(blob.Name);
        return names;
    }
}
