using System.Net;
using System.Text;
using Serverless.EndToEnd.Access;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Multipart;

/// <summary>Whose keys an upload's parts are under, who may use them, and what buckets demand of uploads.</summary>
[Collection(UploadsCollection.Name)]
public sealed class UploadEncryptionTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string CopySourceSse = "x-amz-copy-source-server-side-encryption-customer";

    private static readonly byte[] Large = TestData.Bytes(5 * TestData.Mebibyte, seed: 4);
    private static readonly CustomerKey Key = new(TestData.Bytes(32, seed: 5));
    private static readonly CustomerKey OtherKey = new(TestData.Bytes(32, seed: 6));

    public static TheoryData<string> Modes { get; } = [.. Mode.Stored];

    /// <summary>The policies that most buckets have: clients name the encryption when they begin an upload, and then no more.</summary>
    [Fact]
    public async Task A_policy_that_requires_an_encryption_lets_uploads_through_that_were_begun_with_it()
    {
        var arn = await service.NewKeyAsync();
        foreach (var (policy, headers, refused) in new[]
        {
            (DocumentedPolicies.DenyUnencryptedUploads, new[] { (Sse, "AES256") }, new[] { (Sse, "aws:kms") }), (DocumentedPolicies.RequireSseS3, [(Sse, "AES256")], []),
            (DocumentedPolicies.RequireOneKmsKey, [(Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", arn)], [(Sse, "aws:kms")]),
        })
        {
            var bucket = await service.NewBucketAsync(policy, arn);
            (await service.Http.SendAsync(RawUpload.Create(bucket, "object", refused))).MustBeError(403, "AccessDenied");
            var upload = await RawUpload.BeginAsync(service.Http, bucket, "object", headers);
            var part = await upload.PutPartAsync(1, "body"u8.ToArray());
            (await upload.CompleteAsync([part])).MustBe(HttpStatusCode.OK);
            Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK).Text);
        }
    }

    /// <summary>What was begun before the policy was put is judged by it, too.</summary>
    [Fact]
    public async Task A_policy_that_denies_an_upload_s_encryption_denies_its_parts_and_completion_but_not_its_abortion()
    {
        var bucket = await service.NewBucketAsync();
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "object");
        var part = await upload.PutPartAsync(1, "body"u8.ToArray());
        (await service.Http.SendAsync(PolicyRequests.PutPolicy(bucket, DocumentedPolicies.For(DocumentedPolicies.RequireSseS3, bucket)))).MustBe(HttpStatusCode.NoContent);
        (await upload.PutAsync(2, "body"u8.ToArray())).MustBeError(403, "AccessDenied");
        (await upload.CompleteAsync([part])).MustBeError(403, "AccessDenied");
        (await upload.ListPartsAsync()).MustBe(HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NoContent, (await upload.AbortAsync()).Status);
    }

    [Fact]
    public async Task A_bucket_s_default_is_that_of_the_upload_s_beginning()
    {
        var bucket = await service.NewBucketAsync();
        var arn = await service.NewKeyAsync();
        (await service.Http.SendAsync(new RawRequest("PUT", $"/{bucket}")
        {
            Query = [("encryption", "")],
            Body = Encoding.UTF8.GetBytes("<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
                + $"<KMSMasterKeyID>{arn}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"),
        })).MustBe(HttpStatusCode.OK);
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "object");
        Assert.Equal(("aws:kms", arn, "true"), (upload.Begun[Sse], upload.Begun[$"{Sse}-aws-kms-key-id"], upload.Begun[$"{Sse}-bucket-key-enabled"]));
        (await service.Http.SendAsync(new RawRequest("DELETE", $"/{bucket}") { Query = [("encryption", "")] })).MustBe(HttpStatusCode.NoContent);
        var part = await upload.PutPartAsync(1, "body"u8.ToArray());
        (await upload.CompleteAsync([part])).MustBe(HttpStatusCode.OK);
        var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        Assert.Equal(("aws:kms", arn, "body"), (got[Sse], got[$"{Sse}-aws-kms-key-id"], got.Text));
    }

    [Fact]
    public async Task A_disabled_key_stops_parts_and_completion_in_S3s_words()
    {
        var bucket = await service.NewBucketAsync();
        var arn = await service.NewKeyAsync();
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "object", [(Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", arn)]);
        var part = await upload.PutPartAsync(1, "body"u8.ToArray());
        await service.Kms.DisableKeyAsync(arn);
        (await upload.PutAsync(2, "body"u8.ToArray())).MustBeError(400, "KMS.DisabledException", $"{arn} is disabled.");
        (await upload.CompleteAsync([part])).MustBeError(400, "KMS.DisabledException", $"{arn} is disabled.");
        await service.Kms.EnableKeyAsync(arn);
        (await upload.CompleteAsync([part])).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_use_of_the_key_is_on_the_trail()
    {
        var bucket = await service.NewBucketAsync();
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "object", [(Sse, "aws:kms")]);
        var part = await upload.PutPartAsync(1, "body"u8.ToArray());
        (await upload.CompleteAsync([part])).MustBe(HttpStatusCode.OK);
        var records = await Eventually.GetAsync(async () =>
            await service.CloudTrail.LookupAsync("ResourceName", $"arn:aws:s3:::{bucket}/object") is { Count: >= 3 } found ? found : null, "the uses of the key");
        Assert.Equal(["Decrypt", "Decrypt", "GenerateDataKey"], records.Select(record => (string)record["eventName"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_SSE_C_every_part_carries_the_key_and_the_completion_where_a_checksum_was_asked_for()
    {
        const string Needed = "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.";
        var bucket = await service.NewBucketAsync();
        var upload = await RawUpload.BeginAsync(service.Https, bucket, "object", [.. Key.Headers, ("x-amz-checksum-algorithm", "CRC64NVME")]);
        (await upload.PutAsync(1, Large)).MustBeError(400, "InvalidRequest", Needed);
        (await upload.PutAsync(1, Large, OtherKey.Headers)).MustBeError(400, "InvalidRequest", "The provided encryption parameters did not match the ones used originally.");
        (await upload.PutAsync(1, Large, Key.Headers[..2])).MustBeError(400, "InvalidArgument");
        (await service.Http.SendAsync(upload.Part(1, Large, Key.Headers))).MustBeError(400, "InvalidRequest");
        var part = await upload.PutPartAsync(1, Large, Key.Headers);
        (await upload.CompleteAsync([part])).MustBeError(400, "InvalidRequest", Needed);
        (await upload.CompleteAsync([part], OtherKey.Headers)).MustBeError(400, "InvalidRequest", "The provided encryption parameters did not match the ones used originally.");
        var completed = (await upload.CompleteAsync([part], Key.Headers)).MustBe(HttpStatusCode.OK);
        Assert.True(RawUpload.Has(completed, "ChecksumCRC64NVME"));
        (await service.Https.SendAsync(RawRequest.Get(bucket, "object", OtherKey.Headers))).MustBeError(403, "AccessDenied");
        var got = (await service.Https.SendAsync(RawRequest.Get(bucket, "object", [.. Key.Headers, ("Range", "bytes=10-19")]))).MustBe(HttpStatusCode.PartialContent);
        Assert.Equal(Large[10..20], got.Body);

        var plain = await RawUpload.BeginAsync(service.Https, bucket, "object");
        var plainPart = await plain.PutPartAsync(1, "body"u8.ToArray());
        (await plain.CompleteAsync([plainPart], Key.Headers)).MustBeError(400, "InvalidRequest", Needed);
    }

    /// <summary>Its manifest stays under the key that it was completed with.</summary>
    [Fact]
    public async Task An_object_that_was_uploaded_with_SSE_C_is_read_when_its_encryption_was_updated()
    {
        var bucket = await service.NewBucketAsync();
        var upload = await RawUpload.BeginAsync(service.Https, bucket, "object", Key.Headers, Key.Headers);
        var (first, last) = (await upload.PutPartAsync(1, Large), await upload.PutPartAsync(2, "last"u8.ToArray()));
        (await upload.CompleteAsync([first, last])).MustBe(HttpStatusCode.OK);
        (await service.Https.SendAsync(new RawRequest("PUT", $"/{bucket}/object")
        {
            Query = [("encryption", "")],
            Headers = Key.Headers,
            Body = "<ObjectEncryption xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><SSE-S3/></ObjectEncryption>"u8.ToArray(),
        })).MustBe(HttpStatusCode.OK);
        var got = (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        Assert.Equal("AES256", got[Sse]);
        Assert.True(got.Body.AsSpan().SequenceEqual([.. Large, .. "last"u8]));
    }

    /// <summary>The source in each mode, itself uploaded in parts, into an upload in another one.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Parts_are_copied_out_of_objects_and_ranges_of_them_in_every_mode(string mode)
    {
        var bucket = await service.NewBucketAsync();
        var (headers, keyHeaders) = Requested(mode, Key);
        var source = await RawUpload.BeginAsync(service.Https, bucket, "a source/é", headers, keyHeaders);
        var sourceParts = new[] { await source.PutPartAsync(1, Large), await source.PutPartAsync(2, Large[..1_000_000]) };
        (await source.CompleteAsync(sourceParts)).MustBe(HttpStatusCode.OK);
        var whole = (byte[])[.. Large, .. Large[..1_000_000]];
        (string, string)[] copyHeaders = mode != Mode.Customer ? [] : [($"{CopySourceSse}-algorithm", "AES256"), ($"{CopySourceSse}-key", Key.Base64), ($"{CopySourceSse}-key-MD5", Key.Md5)];

        foreach (var target in Mode.Stored)
        {
            var (targetHeaders, targetKeyHeaders) = Requested(target, OtherKey);
            var upload = await RawUpload.BeginAsync(service.Https, bucket, "target", targetHeaders, targetKeyHeaders);
            var copied = (await upload.CopyAsync(1, $"/{bucket}/a%20source/%C3%A9", copyHeaders)).MustBe(HttpStatusCode.OK);
            var across = (await upload.CopyAsync(2, $"{bucket}/a%20source/%C3%A9", [.. copyHeaders, ("x-amz-copy-source-range", $"bytes={Large.Length - 10}-{Large.Length + 9}")])).MustBe(HttpStatusCode.OK);
            Assert.Equal(upload.Begun.EncryptionHeaders, copied.EncryptionHeaders);
            (await upload.CompleteAsync([(1, RawUpload.Field(copied, "ETag")), (2, RawUpload.Field(across, "ETag"))])).MustBe(HttpStatusCode.OK);
            var got = (await service.Https.SendAsync(RawRequest.Get(bucket, "target", targetKeyHeaders))).MustBe(HttpStatusCode.OK);
            Assert.True(got.Body.AsSpan().SequenceEqual([.. whole, .. whole[(Large.Length - 10)..(Large.Length + 10)]]), $"{mode} to {target}");
        }
    }

    [Fact]
    public async Task A_copied_part_has_the_checksum_that_the_upload_was_begun_with()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "source", Large))).MustBe(HttpStatusCode.OK);
        var upload = await RawUpload.BeginAsync(service.Http, bucket, "target", [("x-amz-checksum-algorithm", "CRC32")]);
        var copied = (await upload.CopyAsync(1, $"{bucket}/source")).MustBe(HttpStatusCode.OK);
        Assert.Equal(PayloadFormTests.Crc32Of(Large), RawUpload.Field(copied, "ChecksumCRC32"));
        (await upload.CopyAsync(1, $"{bucket}/none")).MustBeError(404, "NoSuchKey");
        (await upload.CopyAsync(1, "no-such-bucket-here/source")).MustBeError(404, "NoSuchBucket");
        (await upload.CopyAsync(10_001, $"{bucket}/source")).MustBeError(400, "InvalidArgument");
    }

    private static ((string, string)[] Headers, (string, string)[] KeyHeaders) Requested(string mode, CustomerKey key) => mode switch
    {
        Mode.Customer => (key.Headers, key.Headers),
        Mode.BucketKey => ([(Sse, "aws:kms"), ($"{Sse}-bucket-key-enabled", "true")], []),
        _ => ([(Sse, mode)], []),
    };
}
