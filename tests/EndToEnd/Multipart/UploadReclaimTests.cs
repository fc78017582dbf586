using System.Net;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.Storage;

namespace Serverless.EndToEnd.Multipart;

/// <summary>What clients leave behind goes by itself, and nothing else does.</summary>
public sealed class UploadReclaimTests(UploadReclaimTests.ReclaimingService service) : IClassFixture<UploadReclaimTests.ReclaimingService>
{
    private static readonly byte[] Large = TestData.Bytes(5 * TestData.Mebibyte, seed: 9);

    [Fact]
    public async Task The_timer_aborts_an_upload_that_was_begun_long_ago_and_no_other()
    {
        var bucket = await service.NewBucketAsync();
        var (abandoned, fresh) = (await RawUpload.BeginAsync(service.Http, bucket, "abandoned"), await RawUpload.BeginAsync(service.Http, bucket, "fresh"));
        await abandoned.PutPartAsync(1, "part"u8.ToArray());
        await BackdateAsync(abandoned.Id, DateTimeOffset.UtcNow.AddDays(-8));
        await Eventually.TrueAsync(async () => RawUpload.Fields(await service.Http.SendAsync(RawUpload.ListUploads(bucket)), "Upload", "UploadId").SequenceEqual([fresh.Id]), "the end of the abandoned upload");
        (await abandoned.PutAsync(2, "part"u8.ToArray())).MustBeError(404, "NoSuchUpload");
        var part = await fresh.PutPartAsync(1, "part"u8.ToArray());
        (await fresh.CompleteAsync([part])).MustBe(HttpStatusCode.OK);
    }

    /// <summary>The timers' work on what the service has stored, as it will be done when days have gone by.</summary>
    [Fact]
    public async Task The_data_of_abandoned_uploads_and_of_parts_that_were_not_completed_are_reclaimed_and_objects_stay()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "staged", [.. Large, .. Large]))).MustBe(HttpStatusCode.OK);
        var (abandoned, aborted, completed, replaced) = (await BeginAsync("abandoned"), await BeginAsync("aborted"), await BeginAsync("completed"), await BeginAsync("completed"));
        await abandoned.PutPartAsync(1, "abandoned"u8.ToArray());
        await aborted.PutPartAsync(1, "aborted"u8.ToArray());
        (await replaced.CompleteAsync([await replaced.PutPartAsync(1, "replaced"u8.ToArray())])).MustBe(HttpStatusCode.OK);
        await completed.PutPartAsync(1, "uploaded again"u8.ToArray());
        var (first, last) = (await completed.PutPartAsync(1, Large), await completed.PutPartAsync(2, "last"u8.ToArray()));
        await completed.PutPartAsync(3, "not listed"u8.ToArray());
        (await completed.CompleteAsync([first, last])).MustBe(HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NoContent, (await aborted.AbortAsync()).Status);

        Assert.Equal(8, await CountDataAsync(bucket));
        await service.ReclaimAsync(after: TimeSpan.FromHours(12));
        Assert.Equal(8, await CountDataAsync(bucket));
        await service.ReclaimAsync(after: TimeSpan.FromDays(8));
        await service.ReclaimAsync(after: TimeSpan.FromDays(10));
        Assert.Equal(3, await CountDataAsync(bucket));
        Assert.Empty(RawUpload.Fields(await service.Http.SendAsync(RawUpload.ListUploads(bucket)), "Upload", "UploadId"));
        var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "completed"))).MustBe(HttpStatusCode.OK);
        Assert.True(got.Body.AsSpan().SequenceEqual([.. Large, .. "last"u8]));
        got = (await service.Http.SendAsync(RawRequest.Get(bucket, "staged"))).MustBe(HttpStatusCode.OK);
        Assert.True(got.Body.AsSpan().SequenceEqual([.. Large, .. Large]));

        Task<RawUpload> BeginAsync(string key) => RawUpload.BeginAsync(service.Http, bucket, key);
    }

    private async Task<int> CountDataAsync(string bucket)
    {
        var count = 0;
        await foreach (var _ in service.Blobs.GetBlobContainerClient("uploads").GetBlobsAsync(new GetBlobsOptions { Prefix = bucket })) count++;
        return count;
    }

    private async Task BackdateAsync(string id, DateTimeOffset to)
    {
        var table = new TableServiceClient(service.Storage).GetTableClient(TableUploadStore.TableName);
        await foreach (var row in table.QueryAsync<TableEntity>())
        {
            if (!row.RowKey.EndsWith(id, StringComparison.Ordinal)) continue;
            row["Initiated"] = to;
            await table.UpdateEntityAsync(row, row.ETag, TableUpdateMode.Replace);
        }
    }

    /// <summary>Its timer runs every two seconds.</summary>
    public sealed class ReclaimingService : ServiceFixture
    {
        protected override (string Name, string? Value)[] Settings => [("Uploads__ReclaimSchedule", "*/2 * * * * *")];
    }
}
