using System.Net;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Stored;

namespace Serverless.EndToEnd.Copies;

/// <summary>What a copy reads, and under whose keys it comes to be.</summary>
[Collection(CopiesCollection.Name)]
public sealed class CopyRequestTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string KeyId = $"{Sse}-aws-kms-key-id";
    private const string If = "x-amz-copy-source-if-";

    /// <summary>The keys are of the copy's Region, whichever its source is in.</summary>
    [Fact]
    public async Task A_copy_in_another_Region_is_under_a_key_of_that_Region()
    {
        using var kmsThere = ServiceClients.NewKms(service.Process.Http, TestAccount.OtherRegion);
        var (keyHere, keyThere) = (await service.NewKeyAsync(), (await kmsThere.CreateKeyAsync(new())).KeyMetadata.Arn);
        var (here, there) = (await service.NewBucketAsync(), $"test-{Guid.NewGuid():N}");
        await service.S3.PutBucketAsync(new PutBucketRequest { BucketName = there, BucketRegionName = TestAccount.OtherRegion });
        (await service.Http.SendAsync(RawRequest.Put(here, "source", "body"u8.ToArray(), (Sse, "aws:kms"), (KeyId, keyHere)))).MustBe(HttpStatusCode.OK);

        var managed = (await service.Http.SendAsync(RawRequest.Copy(here, "source", there, "managed", (Sse, "aws:kms")))).MustBe(HttpStatusCode.OK);
        Assert.StartsWith($"arn:aws:kms:{TestAccount.OtherRegion}:", managed[KeyId], StringComparison.Ordinal);
        var own = (await service.Http.SendAsync(RawRequest.Copy(here, "source", there, "own", (Sse, "aws:kms"), (KeyId, keyThere)))).MustBe(HttpStatusCode.OK);
        Assert.Equal(keyThere, own[KeyId]);
        (await service.Http.SendAsync(RawRequest.Copy(here, "source", there, "foreign", (Sse, "aws:kms"), (KeyId, keyHere)))).MustBeError(400, "KMS.NotFoundException", $"Invalid arn {TestAccount.Region}");

        foreach (var (bucket, key, back) in new[] { (there, "managed", "from-managed"), (there, "own", "from-own") })
        {
            (await service.Http.SendAsync(RawRequest.Copy(bucket, key, here, back, (Sse, "aws:kms"), (KeyId, keyHere)))).MustBe(HttpStatusCode.OK);
            Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(here, back))).MustBe(HttpStatusCode.OK).Text);
        }
    }

    [Fact]
    public async Task A_copy_uses_the_source_s_key_and_its_own_and_is_on_the_trail_of_both()
    {
        var (bucket, keyOfSource, keyOfCopy) = (await service.NewBucketAsync(), await service.NewKeyAsync(), await service.NewKeyAsync());
        (await service.Http.SendAsync(RawRequest.Put(bucket, "source", "body"u8.ToArray(), (Sse, "aws:kms"), (KeyId, keyOfSource)))).MustBe(HttpStatusCode.OK);
        RawRequest copy() => RawRequest.Copy(bucket, "source", bucket, "copy", (Sse, "aws:kms"), (KeyId, keyOfCopy));
        (await service.Http.SendAsync(copy())).MustBe(HttpStatusCode.OK);
        foreach (var (key, resource, eventName) in new[] { (keyOfSource, "source", "Decrypt"), (keyOfCopy, "copy", "GenerateDataKey") })
        {
            var use = await Eventually.GetAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", key)).FirstOrDefault(record => (string)record["eventName"]! == eventName), eventName);
            Assert.Equal($"arn:aws:s3:::{bucket}/{resource}", (string)use["requestParameters"]!["encryptionContext"]!["aws:s3:arn"]!);
        }

        foreach (var disabled in (string[])[keyOfSource, keyOfCopy])
        {
            await service.Kms.DisableKeyAsync(disabled);
            (await service.Http.SendAsync(copy())).MustBeError(400, "KMS.DisabledException", $"{disabled} is disabled.");
            await service.Kms.EnableKeyAsync(disabled);
        }
    }

    /// <summary>Without a header of its own the copy is in the bucket's default, whatever its source is in.</summary>
    [Fact]
    public async Task A_copy_that_names_no_encryption_is_in_its_bucket_s_default()
    {
        var (from, to, arn) = (await service.NewBucketAsync(), await service.NewBucketAsync(), await service.NewKeyAsync());
        (await service.Http.SendAsync(RawRequest.Put(from, "kms", "body"u8.ToArray(), (Sse, "aws:kms")))).MustBe(HttpStatusCode.OK);
        Assert.Equal("AES256", (await service.Http.SendAsync(RawRequest.Copy(from, "kms", to, "copy"))).MustBe(HttpStatusCode.OK)[Sse]);
        await service.S3.PutBucketEncryptionAsync(new()
        {
            BucketName = to,
            ServerSideEncryptionConfiguration = new() { ServerSideEncryptionRules = [new() { ServerSideEncryptionByDefault = new() { ServerSideEncryptionAlgorithm = "aws:kms", ServerSideEncryptionKeyManagementServiceKeyId = arn } }] },
        });
        var copied = (await service.Http.SendAsync(RawRequest.Copy(to, "copy", to, "copy"))).MustBe(HttpStatusCode.OK);
        Assert.Equal(("aws:kms", arn), (copied[Sse], copied[KeyId]));
    }

    /// <summary>The documented combinations (API_CopyObject.html): the ETag's condition that holds outweighs the date's that does not, and the other way round.</summary>
    [Fact]
    public async Task A_source_that_is_not_as_the_copy_expects_is_not_copied()
    {
        var bucket = await service.NewBucketAsync();
        var etag = (await service.Http.SendAsync(RawRequest.Put(bucket, "source", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK)["etag"]!;
        // A date that is later than the object's, and not to come.
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        var (past, since) = (DateTimeOffset.UtcNow.AddHours(-1).ToString("r"), DateTimeOffset.UtcNow.ToString("r"));
        foreach (var (conditions, failed) in new ((string, string)[], string?)[]
        {
            ([($"{If}match", etag)], null),
            ([($"{If}match", "\"other\"")], "x-amz-copy-source-If-Match"),
            ([($"{If}none-match", etag)], "x-amz-copy-source-If-None-Match"),
            ([($"{If}none-match", "\"other\"")], null),
            ([($"{If}modified-since", past)], null),
            ([($"{If}modified-since", since)], "x-amz-copy-source-If-Modified-Since"),
            ([($"{If}unmodified-since", since)], null),
            ([($"{If}unmodified-since", past)], "x-amz-copy-source-If-Unmodified-Since"),
            ([($"{If}match", etag), ($"{If}unmodified-since", past)], null),
            ([($"{If}none-match", etag), ($"{If}modified-since", past)], "x-amz-copy-source-If-None-Match"),
            ([($"{If}match", etag), ($"{If}none-match", "\"other\""), ($"{If}modified-since", past)], null),
        })
        {
            var key = $"copy-{Guid.NewGuid():N}";
            var answer = await service.Http.SendAsync(RawRequest.Copy(bucket, "source", bucket, key, conditions));
            if (failed is null) answer.MustBe(HttpStatusCode.OK);
            else Assert.Equal(failed, answer.MustBeError(412, "PreconditionFailed").ErrorField("Condition"));
            (await service.Http.SendAsync(RawRequest.Head(bucket, key))).MustBe(failed is null ? HttpStatusCode.OK : HttpStatusCode.NotFound);
        }
    }

    /// <summary>As its description says, which is what is judged: nobody uploads so much for a test.</summary>
    [Fact]
    public async Task A_source_of_more_than_5_GiB_is_refused()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "source", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        var stored = await StoredBlob.ReadAsync(service, bucket, "source");
        var description = stored.Description;
        description["length"] = (5L << 30) + 1;
        stored.Description = description;
        await stored.WriteAsync();
        (await service.Http.SendAsync(RawRequest.Copy(bucket, "source", bucket, "copy")))
            .MustBeError(400, "InvalidRequest", "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120");
        (await service.Http.SendAsync(RawRequest.Head(bucket, "copy"))).MustBe(HttpStatusCode.NotFound);
    }
}
