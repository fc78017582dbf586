using System.Net;
using System.Text;
using Amazon.S3;
using Serverless.EndToEnd.Access;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;
using Serverless.EndToEnd.Stored;

namespace Serverless.EndToEnd.Copies;

/// <summary>UpdateObjectEncryption: another key for the same data, which do not move.</summary>
[Collection(CopiesCollection.Name)]
public sealed class UpdateEncryptionTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string KeyId = $"{Sse}-aws-kms-key-id";
    private const string ToSseS3 = "<SSE-S3/>";
    private const string AllOfS3 = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""";

    public static TheoryData<string, string> Sources()
    {
        var sources = new TheoryData<string, string>();
        foreach (var mode in Mode.Copied.Except([Mode.Double]))
            foreach (var kind in SourceObject.Kinds) sources.Add(mode, kind);
        return sources;
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task An_object_is_brought_from_any_mode_into_any_other_and_stays_as_it_is(string mode, string kind)
    {
        var (own, other) = (await service.NewKeyAsync(), await service.NewKeyAsync());
        foreach (var (target, key, bucketKey) in new[] { (ToSseS3, null, false), (ToKms(own), own, false), (ToKms(other, bucketKey: true), other, true) })
        {
            var (bucket, sourceMode) = (await service.NewBucketAsync(), new RequestedMode(mode, own, "", CustomerKey.New()));
            var source = await SourceObject.MakeAsync(service, bucket, kind, sourceMode);
            var before = await HeadAsync(bucket, sourceMode.KeyHeaders);
            var data = await DataAsync(bucket);

            var updated = (await service.Https.SendAsync(Update(bucket, SourceObject.Key, target, sourceMode.KeyHeaders))).MustBe(HttpStatusCode.OK);
            Assert.Empty(updated.Body);
            var after = await HeadAsync(bucket, []);
            foreach (var kept in (string[])["etag", "last-modified", "content-length", "content-type", "x-amz-meta-colour", "x-amz-checksum-sha256", "x-amz-checksum-type"])
                Assert.Equal((kept, before[kept]), (kept, after[kept]));
            Assert.Equal((key is null ? "AES256" : "aws:kms", key, bucketKey ? "true" : null), (after[Sse], after[KeyId], after[$"{Sse}-bucket-key-enabled"]));
            Assert.True((await service.Http.SendAsync(RawRequest.Get(bucket, SourceObject.Key))).MustBe(HttpStatusCode.OK).Body.AsSpan().SequenceEqual(source.Body));
            Assert.Equal(data, await DataAsync(bucket));
        }
    }

    [Theory]
    [InlineData("small")]
    [InlineData("parts")]
    public async Task The_SDK_brings_an_object_under_another_key(string kind)
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        await SourceObject.MakeAsync(service, bucket, kind, new(Mode.S3, "", "", CustomerKey.New()));
        await service.S3.UpdateObjectEncryptionAsync(new() { BucketName = bucket, Key = SourceObject.Key, ObjectEncryption = new() { SSEKMS = new() { KMSKeyArn = key, BucketKeyEnabled = true } } });
        var described = await service.S3.GetObjectMetadataAsync(bucket, SourceObject.Key);
        Assert.Equal((ServerSideEncryptionMethod.AWSKMS, key, true), (described.ServerSideEncryptionMethod, described.ServerSideEncryptionKeyManagementServiceKeyId, described.BucketKeyEnabled));
    }

    [Fact]
    public async Task What_cannot_be_done_without_moving_data_is_refused()
    {
        var (bucket, key) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        (await service.Http.SendAsync(RawRequest.Put(bucket, "double", "body"u8.ToArray(), (Sse, "aws:kms:dsse")))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Put(bucket, "plain", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        foreach (var target in (string[])[ToSseS3, ToKms(key)])
            (await service.Http.SendAsync(Update(bucket, "double", target))).MustBeError(400, "InvalidRequest");
        foreach (var target in (string[])["<DSSE-KMS/>", "<SSE-C/>", "", "<SSE-KMS/>", $"<SSE-KMS><KMSKeyArn>{key[(key.LastIndexOf('/') + 1)..]}</KMSKeyArn></SSE-KMS>"])
            (await service.Http.SendAsync(Update(bucket, "plain", target))).MustBeError(400, "InvalidRequest");
        (await service.Http.SendAsync(Update(bucket, "none", ToSseS3))).MustBeError(404, "NoSuchKey");
        (await service.Http.SendAsync(Update(bucket, "plain", ToKms(key.Replace(TestAccount.Id, "999988887777", StringComparison.Ordinal))))).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(Update(bucket, "plain", ToKms($"{key[..^8]}00000000")))).MustBeError(400, "KMS.NotFoundException");
        Assert.Equal("AES256", (await service.Http.SendAsync(RawRequest.Head(bucket, "plain"))).MustBe(HttpStatusCode.OK)[Sse]);
    }

    [Fact]
    public async Task An_SSE_C_object_is_updated_by_whoever_has_its_key_alone()
    {
        var (bucket, key) = (await service.NewBucketAsync(), CustomerKey.New());
        (await service.Https.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), key.Headers))).MustBe(HttpStatusCode.OK);
        (await service.Https.SendAsync(Update(bucket, "object", ToSseS3))).MustBeError(400, "InvalidRequest");
        (await service.Https.SendAsync(Update(bucket, "object", ToSseS3, CustomerKey.New().Headers))).MustBeError(403, "AccessDenied");
        (await service.Http.SendAsync(Update(bucket, "object", ToSseS3, key.Headers))).MustBeError(400, "InvalidRequest");
        Assert.Equal("body", (await service.Https.SendAsync(RawRequest.Get(bucket, "object", key.Headers))).MustBe(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task Both_keys_uses_are_on_the_trail_and_both_keys_must_be_usable()
    {
        var (bucket, from, to) = (await service.NewBucketAsync(), await service.NewKeyAsync(), await service.NewKeyAsync());
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), (Sse, "aws:kms"), (KeyId, from)))).MustBe(HttpStatusCode.OK);
        foreach (var disabled in (string[])[from, to])
        {
            await service.Kms.DisableKeyAsync(disabled);
            (await service.Http.SendAsync(Update(bucket, "object", ToKms(to)))).MustBeError(400, "KMS.DisabledException", $"{disabled} is disabled.");
            await service.Kms.EnableKeyAsync(disabled);
        }
        Assert.Equal(from, (await service.Http.SendAsync(RawRequest.Head(bucket, "object")))[KeyId]);

        var updated = (await service.Http.SendAsync(Update(bucket, "object", ToKms(to)))).MustBe(HttpStatusCode.OK);
        foreach (var (key, eventName) in new[] { (from, "Decrypt"), (to, "Encrypt") })
        {
            var use = await Eventually.GetAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", key))
                .FirstOrDefault(record => (string)record["eventName"]! == eventName && record["errorCode"] is null && (string?)record["requestID"] == updated["x-amz-request-id"]), eventName);
            Assert.Equal($"arn:aws:s3:::{bucket}/object", (string)use["requestParameters"]!["encryptionContext"]!["aws:s3:arn"]!);
        }
    }

    /// <summary>Of the permissions that AWS lists, those on keys are the ones that are used: to open the data key, and to wrap it.</summary>
    [Fact]
    public async Task A_user_needs_the_permissions_on_the_object_and_on_both_keys()
    {
        var (bucket, from, to) = (await service.NewBucketAsync(), await service.NewKeyAsync(), await service.NewKeyAsync());
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), (Sse, "aws:kms"), (KeyId, from)))).MustBe(HttpStatusCode.OK);
        static string Allow(string action, string resource) => $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"{{action}}","Resource":"{{resource}}"}]}""";
        var iam = new QueryApi(service.Http);
        foreach (var (policies, missing, resource) in new (string[], string?, string)[]
        {
            ([Allow("s3:PutObject", "*")], "s3:UpdateObjectEncryption", $"arn:aws:s3:::{bucket}/object"),
            ([Allow("s3:UpdateObjectEncryption", "*")], "s3:PutObject", $"arn:aws:s3:::{bucket}/object"),
            ([AllOfS3], "kms:Decrypt", from),
            ([AllOfS3, Allow("kms:Decrypt", from)], "kms:Encrypt", to),
            ([AllOfS3, Allow("kms:Decrypt", from), Allow("kms:Encrypt", to)], null, ""),
        })
        {
            var user = await iam.NewUserAsync(policies);
            var answer = await service.Http.SendAsync(Update(bucket, "object", ToKms(to)) with { Signer = user.Signer("s3") });
            if (missing is null) answer.MustBe(HttpStatusCode.OK);
            else Assert.Equal($"User: {await user.CallerAsync()} is not authorized to perform: {missing} on resource: {(missing.StartsWith("s3", StringComparison.Ordinal) ? $"\"{resource}\"" : resource)} because no identity-based policy allows the {missing} action",
                answer.MustBeError(403, "AccessDenied").ErrorField("Message"));
        }
    }

    private static string ToKms(string arn, bool bucketKey = false) =>
        $"<SSE-KMS><KMSKeyArn>{arn}</KMSKeyArn>{(bucketKey ? "<BucketKeyEnabled>true</BucketKeyEnabled>" : "")}</SSE-KMS>";

    private static RawRequest Update(string bucket, string key, string target, params (string Name, string Value)[] headers) => new("PUT", RawRequest.ObjectPath(bucket, key))
    {
        Query = [("encryption", "")],
        Headers = headers,
        Body = Encoding.UTF8.GetBytes($"<ObjectEncryption xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{target}</ObjectEncryption>"),
    };

    private async Task<RawAnswer> HeadAsync(string bucket, (string, string)[] keyHeaders) =>
        (await service.Https.SendAsync(RawRequest.Head(bucket, SourceObject.Key, [("x-amz-checksum-mode", "ENABLED"), .. keyHeaders]))).MustBe(HttpStatusCode.OK);

    /// <summary>A hash of what is stored beside the keys: the object's content, and the data blobs that it names.</summary>
    private async Task<string> DataAsync(string bucket)
    {
        var stored = await StoredBlob.ReadAsync(service, bucket, SourceObject.Key);
        var blobs = !stored.Description.ContainsKey("dataBlob") ? [] : stored.Description.ContainsKey("partsCount") ? await stored.ReadPartsAsync(service) : [await stored.ReadDataAsync(service)];
        return string.Concat(blobs.Prepend(stored).Select(blob => $"{blob.Blob.Name} {SigV4.Hash(blob.Content)}\n"));
    }
}
