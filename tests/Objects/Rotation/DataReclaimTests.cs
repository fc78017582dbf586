using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Serverless.Encryption;
using Serverless.Objects.Bodies;
using Serverless.Objects.Buckets;
using Serverless.Objects.Checksums;
using Serverless.Objects.Multipart;
using Serverless.Objects.Rotation;
using Serverless.Objects.Store;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests;

public sealed class DataReclaimTests
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(25);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-05-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly MemoryStore _store;
    private readonly MemoryUploadStore _uploads = new();

    public DataReclaimTests() => _store = new(_time);

    [Fact]
    public async Task Data_that_no_object_refers_to_are_deleted_once_they_are_a_day_old_and_all_others_stay()
    {
        var bucket = await NewBucketAsync();
        await WriteAsync("referred", "bucket", "kept");
        await WriteAsync("replaced", "bucket", "kept");
        await WriteAsync("objectless", "bucket", "gone");
        await WriteAsync("bucketless", "nowhere", "gone");
        using (var content = new SegmentedBuffer(1))
        {
            await _store.WriteAsync(bucket.At("kept"), ObjectStoreContract.Describe() with { DataBlob = "referred" },
                ObjectStoreContract.Keys, ObjectStoreContract.Streams, content, ExpectedState.Absent, default);
        }

        Assert.Equal(0, await Data().RunAsync(default));
        _time.Advance(Day);
        await WriteAsync("young", "bucket", "gone");
        Assert.Equal(3, await Data().RunAsync(default));
        Assert.Equal(["referred", "young"], _store.DataBlobs.Order());
    }

    [Fact]
    public async Task Data_of_archived_versions_are_kept_until_they_are_deleted_for_good()
    {
        var bucket = await NewBucketAsync() with { Versioning = BucketVersioning.Enabled };
        var parts = new VersionParts(_store, _time);
        var archived = bucket.At("kept") with { Archived = parts.Copies.NewName(VersionRank.Of(_time.GetUtcNow(), new byte[16])) };
        Assert.True(await _store.TryChangeAsync(bucket, default));
        foreach (var (dataBlob, place) in ((string, ObjectPlace)[])[("current", bucket.At("kept")), ("archived", archived)])
        {
            await WriteAsync(dataBlob, "bucket", "kept");
            using var content = new SegmentedBuffer(1);
            await _store.WriteAsync(place, ObjectStoreContract.Describe() with { DataBlob = dataBlob }, ObjectStoreContract.Keys, ObjectStoreContract.Streams, content, ExpectedState.Absent, default);
        }
        await WriteAsync("replaced", "bucket", "kept");
        _time.Advance(Day);
        Assert.Equal(1, await Data().RunAsync(default));
        Assert.Equal(["archived", "current"], _store.DataBlobs.Order());
        // A tombstone makes void what a request that was cut short has left.
        await _store.AddTombstoneAsync(bucket.At("kept"), archived.Archived!.Value.Rank, default);
        Assert.Equal(1, await Data().RunAsync(default));
        Assert.Equal(["current"], _store.DataBlobs);
    }

    [Fact]
    public async Task An_upload_is_aborted_when_it_is_abandoned_and_its_data_go_a_day_later()
    {
        var bucket = await NewBucketAsync();
        var upload = await BeginAsync(bucket);
        var part = await PutPartAsync(upload, 1);
        _time.Advance(TimeSpan.FromDays(6.9));
        Assert.Equal(0, await RunAsync());
        Assert.Equal([part], _store.DataBlobs);

        _time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(0, await RunAsync());
        Assert.Null(await _uploads.FindAsync(bucket, "key", upload.Id, default));
        Assert.Equal([part], _store.DataBlobs);

        _time.Advance(Day);
        Assert.Equal(1, await RunAsync());
        Assert.Empty(_store.DataBlobs);
        Assert.Empty(await _uploads.ListPartsAsync(upload.Id, 0, 10, default));
        Assert.False(await _uploads.IsKnownAsync(upload.Container, "key", upload.Id, default));
    }

    [Fact]
    public async Task An_upload_whose_bucket_is_gone_or_another_of_its_name_is_aborted_at_once()
    {
        var first = await BeginAsync(await NewBucketAsync());
        Assert.Equal(BucketDeletion.Deleted, await _store.DeleteAsync("bucket", _ => default, default));
        var second = await BeginAsync(await NewBucketAsync());
        await Uploads().RunAsync(default);
        Assert.Equal([second.Id], await ListAsync());
        await _store.DeleteAsync("bucket", _ => default, default);
        await Uploads().RunAsync(default);
        Assert.Empty(await ListAsync());
        Assert.NotEqual(first.Container, second.Container);
    }

    [Fact]
    public async Task Of_a_completed_upload_the_parts_that_are_in_the_object_stay_and_all_others_go()
    {
        var bucket = await NewBucketAsync();
        var upload = await BeginAsync(bucket);
        var replaced = await PutPartAsync(upload, 1);
        string[] kept = [await PutPartAsync(upload, 1), await PutPartAsync(upload, 2)];
        var unlisted = await PutPartAsync(upload, 3);
        await CompleteAsync(bucket, upload, 1, 2);
        _time.Advance(Day);
        // Its end is not a day ago yet: a completion that has seen the upload may still be under way.
        Assert.Equal(0, await Data().RunAsync(default));
        Assert.Equal(2, await RunAsync());
        Assert.Equal(kept.Order(), _store.DataBlobs.Order());

        // A part whose upload ended while it came.
        await PutPartAsync(upload, 2);
        _time.Advance(Day);
        Assert.Equal(1, await RunAsync());
        Assert.Equal(kept.Order(), _store.DataBlobs.Order());
        Assert.Empty(await _uploads.ListPartsAsync(upload.Id, 0, 10, default));
        Assert.DoesNotContain(replaced, _store.DataBlobs);
        Assert.DoesNotContain(unlisted, _store.DataBlobs);

        await _store.DeleteAsync(bucket.At("key"), ExpectedState.Any, default);
        Assert.Equal(2, await RunAsync());
        Assert.Empty(_store.DataBlobs);
    }

    /// <summary>Nobody can say whether it is abandoned; its data may still be wanted for a repair.</summary>
    [Fact]
    public async Task An_upload_that_cannot_be_read_keeps_its_data_and_does_not_keep_others_from_being_aborted()
    {
        var bucket = await NewBucketAsync();
        var (damaged, abandoned) = (await BeginAsync(bucket), await BeginAsync(bucket));
        var part = await PutPartAsync(damaged, 1);
        await PutPartAsync(abandoned, 1);
        _uploads.Damaged.Add(damaged.Id);
        _time.Advance(10 * Day);
        Assert.Equal(1, await Uploads().RunAsync(default));
        _time.Advance(2 * Day);
        Assert.Equal(1, await RunAsync());
        Assert.Equal([part], _store.DataBlobs);
    }

    [Fact]
    public async Task An_upload_that_was_completed_but_not_ended_keeps_its_data()
    {
        var bucket = await NewBucketAsync();
        var upload = await BeginAsync(bucket);
        var part = await PutPartAsync(upload, 1);
        await CompleteAsync(bucket, upload, 1);
        var again = await BeginAsync(bucket, upload.Id);
        for (var day = 0; day < 10; day++)
        {
            Assert.Equal(0, await RunAsync());
            _time.Advance(Day);
        }
        Assert.Equal([part], _store.DataBlobs);
        Assert.False(await _uploads.IsKnownAsync(again.Container, "key", again.Id, default));
    }

    [Fact]
    public async Task Data_of_an_object_that_is_written_while_one_looks_are_kept()
    {
        var bucket = await NewBucketAsync();
        var upload = await BeginAsync(bucket);
        var part = await PutPartAsync(upload, 1);
        _time.Advance(Day);
        // Between the look at the object and the one at the upload, the upload is completed; only that it is still known keeps its data.
        _store.AfterFind = async () =>
        {
            _store.AfterFind = null;
            await CompleteAsync(bucket, upload, 1);
        };
        Assert.Equal(0, await Data().RunAsync(default));
        Assert.Equal([part], _store.DataBlobs);
    }

    private async Task<int> RunAsync()
    {
        await Uploads().RunAsync(default);
        return await Data().RunAsync(default);
    }

    private DataReclaim Data() => new(_store, _store, new VersionParts(_store, _time).Archived, _uploads, _store, _time, NullLogger<DataReclaim>.Instance);

    private UploadReclaim Uploads() => new(_uploads, _store, Options.Create(new UploadsOptions()), _time, NullLogger<UploadReclaim>.Instance);

    private async Task<Bucket> NewBucketAsync()
    {
        await _store.CreateAsync(new("bucket", "us-east-1"), default);
        return (await _store.FindAsync("bucket", default))!;
    }

    private async Task<Upload> BeginAsync(Bucket bucket, UploadId? id = null)
    {
        var upload = new Upload(id ?? UploadId.New(_time.GetUtcNow()), bucket.Name, bucket.Container, "key", _time.GetUtcNow(), "arn:aws:iam::000000000000:root", null, false, null,
            UploadChecksum.Default, new(ObjectStoreContract.Describe(), ObjectStoreContract.Keys, null, ""));
        await _uploads.CreateAsync(upload, default);
        return (await _uploads.FindAsync(bucket, "key", upload.Id, default))!;
    }

    /// <returns>The part's data blob.</returns>
    private async Task<string> PutPartAsync(Upload upload, int number)
    {
        var token = Guid.NewGuid().ToString("N")[..16];
        var dataBlob = Manifest.BlobOf(upload.Folder, number, token);
        await WriteAsync(dataBlob, upload.Bucket, upload.Key);
        await _uploads.PutPartAsync(upload.Id, new(number, 1, new('0', 32), "", _time.GetUtcNow(), token, ObjectStoreContract.Streams), default);
        return dataBlob;
    }

    /// <summary>As CompleteMultipartUpload does it, of the parts that are there.</summary>
    private async Task CompleteAsync(Bucket bucket, Upload upload, params int[] numbers)
    {
        var parts = await _uploads.ListPartsAsync(upload.Id, 0, 10, default);
        using var key = SecretKey.Generate();
        using var content = ManifestContent.Write(
            new(upload.Folder, [.. parts.Where(part => numbers.Contains(part.Number)).Select(part => new ManifestPart(part.Number, 1, Token: part.Token))]), key);
        var description = upload.Object.Description with { DataBlob = upload.Folder, PartsCount = numbers.Length };
        Assert.True(await _store.WriteAsync(bucket.At("key"), description, ObjectStoreContract.Keys, null, content, ExpectedState.Absent, default));
        Assert.True(await _uploads.EndAsync(upload, _time.GetUtcNow(), default));
    }

    private async Task<List<UploadId>> ListAsync()
    {
        var ids = new List<UploadId>();
        await foreach (var listed in _uploads.ListAllAsync(null, default)) ids.Add(listed.Upload!.Id);
        return ids;
    }

    private async Task WriteAsync(string dataBlob, string bucket, string key)
    {
        using var content = new SegmentedBuffer(1);
        content.Write("x"u8);
        await _store.WriteAsync(dataBlob, content, new DataOwner(bucket, key), default);
    }
}
