using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Multipart;

/// <summary>Uploads, parts and completions at once: every object is one upload's, and whole.</summary>
[Collection(UploadsCollection.Name)]
public sealed class UploadConcurrencyTests(ServiceFixture service)
{
    private static readonly byte[] Large = TestData.Bytes(5 * TestData.Mebibyte, seed: 9);

    [Fact]
    public async Task Of_several_uploads_to_one_key_each_has_its_own_parts_and_the_last_completed_is_the_object()
    {
        var bucket = await service.NewBucketAsync();
        var uploads = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RawUpload.BeginAsync(service.Http, bucket, "object")));
        Assert.Equal(uploads.Select(upload => upload.Id).Order(StringComparer.Ordinal),
            RawUpload.Fields(await service.Http.SendAsync(RawUpload.ListUploads(bucket)), "Upload", "UploadId"));
        var parts = await Task.WhenAll(uploads.Select(async (upload, i) => (await Task.WhenAll(
            upload.PutPartAsync(2, TestData.Bytes(1000, seed: i)), upload.PutPartAsync(1, Large))).Reverse().ToArray()));
        var answers = await Task.WhenAll(uploads.Select((upload, i) => upload.CompleteAsync(parts[i])));
        Assert.All(answers, answer => answer.MustBe(HttpStatusCode.OK));
        var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        var winner = Array.FindIndex(uploads, upload => got.Body.AsSpan(Large.Length).SequenceEqual(TestData.Bytes(1000, seed: Array.IndexOf(uploads, upload))));
        Assert.True(winner >= 0 && got.Body.AsSpan(0, Large.Length).SequenceEqual(Large));
        Assert.Equal(RawUpload.Field(answers[winner], "ETag"), got["etag"]);
    }

    /// <summary>A part that is uploaded again while the upload is completed is in the object or not, but the object is whole.</summary>
    [Fact]
    public async Task A_completion_races_with_parts_that_are_uploaded_again()
    {
        var bucket = await service.NewBucketAsync();
        for (var round = 0; round < 5; round++)
        {
            var upload = await RawUpload.BeginAsync(service.Http, bucket, $"object-{round}");
            var first = await upload.PutPartAsync(1, Large);
            var second = await upload.PutPartAsync(2, "the same"u8.ToArray());
            // The same bytes, and so the same ETag, but in another blob.
            var again = Enumerable.Range(0, 4).Select(_ => upload.PutAsync(2, "the same"u8.ToArray())).ToList();
            var completed = await upload.CompleteAsync([first, second]);
            foreach (var part in await Task.WhenAll(again)) Assert.True(part.Status is HttpStatusCode.OK || part.ErrorCode == "NoSuchUpload", part.Text);
            completed.MustBe(HttpStatusCode.OK);
            var got = (await service.Http.SendAsync(RawRequest.Get(bucket, $"object-{round}"))).MustBe(HttpStatusCode.OK);
            Assert.True(got.Body.AsSpan().SequenceEqual([.. Large, .. "the same"u8]));
        }
    }

    [Fact]
    public async Task Of_several_completions_at_once_all_of_the_same_list_succeed_and_those_of_another_see_no_upload()
    {
        var bucket = await service.NewBucketAsync();
        for (var round = 0; round < 5; round++)
        {
            var upload = await RawUpload.BeginAsync(service.Http, bucket, $"object-{round}");
            var (first, second) = (await upload.PutPartAsync(1, Large), await upload.PutPartAsync(2, "last"u8.ToArray()));
            (int, string)[][] lists = [[first, second], [first]];
            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i => (List: i % 2, Answer: await upload.CompleteAsync(lists[i % 2]))));
            var won = answers.First(answer => answer.Answer.Status == HttpStatusCode.OK).List;
            foreach (var (list, answer) in answers)
            {
                if (list == won) answer.MustBe(HttpStatusCode.OK);
                else answer.MustBeError(404, "NoSuchUpload");
            }
            var got = (await service.Http.SendAsync(RawRequest.Get(bucket, $"object-{round}"))).MustBe(HttpStatusCode.OK);
            Assert.True(got.Body.AsSpan().SequenceEqual(won == 0 ? [.. Large, .. "last"u8] : Large));
            Assert.False(RawUpload.Has(await service.Http.SendAsync(RawUpload.ListUploads(bucket)), "Upload"));
        }
    }

    [Fact]
    public async Task A_completion_races_with_an_abortion_and_the_object_is_there_whole_or_not_at_all()
    {
        var bucket = await service.NewBucketAsync();
        for (var round = 0; round < 10; round++)
        {
            var upload = await RawUpload.BeginAsync(service.Http, bucket, $"object-{round}");
            var part = await upload.PutPartAsync(1, Large);
            var (completing, aborting) = (upload.CompleteAsync([part]), upload.AbortAsync());
            var (completed, aborted) = (await completing, await aborting);
            Assert.True(completed.Status is HttpStatusCode.OK || completed.ErrorCode == "NoSuchUpload", completed.Text);
            Assert.True(aborted.Status is HttpStatusCode.NoContent || aborted.ErrorCode == "NoSuchUpload", aborted.Text);
            var got = await service.Http.SendAsync(RawRequest.Get(bucket, $"object-{round}"));
            if (completed.Status == HttpStatusCode.OK) Assert.True(got.MustBe(HttpStatusCode.OK).Body.AsSpan().SequenceEqual(Large));
            else got.MustBeError(404, "NoSuchKey");
            Assert.False(RawUpload.Has(await service.Http.SendAsync(RawUpload.ListUploads(bucket)), "Upload"));
        }
    }

    [Fact]
    public async Task A_hundred_parts_in_parallel_are_in_their_places()
    {
        var bucket = await service.NewBucketAsync();
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "object");
        var parts = new (int Number, string ETag)[100];
        await Parallel.ForEachAsync(Enumerable.Range(0, 100).Reverse(), new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, _) => parts[i] = await upload.PutPartAsync(i + 1, Part(i)));
        (await upload.CompleteAsync(parts)).MustBe(HttpStatusCode.OK);
        for (var i = 0; i < 100; i += 9)
        {
            var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "object") with { Query = [("partNumber", $"{i + 1}")] })).MustBe(HttpStatusCode.PartialContent);
            Assert.True(Part(i).AsSpan().SequenceEqual(got.Body), $"part {i + 1}");
        }

        static byte[] Part(int i)
        {
            var part = Large.AsSpan().ToArray();
            BitConverter.TryWriteBytes(part, i);
            return part;
        }
    }

    [Fact]
    public async Task A_download_that_has_begun_goes_on_while_its_object_is_replaced_or_deleted()
    {
        var bucket = await service.NewBucketAsync();
        foreach (var change in new[] { RawRequest.Put(bucket, "object", "small"u8.ToArray()), RawRequest.Delete(bucket, "object") })
        {
            var upload = await RawUpload.BeginAsync(service.Http, bucket, "object");
            var parts = await Task.WhenAll(Enumerable.Range(1, 4).Select(number => upload.PutPartAsync(number, Large)));
            (await upload.CompleteAsync(parts)).MustBe(HttpStatusCode.OK);
            using var client = RawClient.NewHttpClient(null);
            using var request = service.Http.Write(RawRequest.Get(bucket, "object"));
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await answer.Content.ReadAsStreamAsync();
            var read = new byte[4 * Large.Length];
            await stream.ReadExactlyAsync(read.AsMemory(0, TestData.Mebibyte));
            Assert.True((await service.Http.SendAsync(change)).Status is HttpStatusCode.OK or HttpStatusCode.NoContent);
            await stream.ReadExactlyAsync(read.AsMemory(TestData.Mebibyte));
            Assert.True(Enumerable.Repeat(Large, 4).SelectMany(part => part).ToArray().AsSpan().SequenceEqual(read), change.Method);
        }
    }
}
