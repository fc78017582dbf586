using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Errors;

/// <summary>The default since 2026: a new bucket takes no uploads with SSE-C.</summary>
public sealed class BlockedCustomerKeyTests(BlockedCustomerKeyTests.BlockingService service) : IClassFixture<BlockedCustomerKeyTests.BlockingService>
{
    [Fact]
    public async Task A_new_bucket_refuses_uploads_with_customer_keys()
    {
        var bucket = await service.NewBucketAsync();
        var put = await service.Https.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), CustomerKey.New().Headers));
        MustBeBlocked(put, bucket);
        (await service.Https.SendAsync(RawRequest.Head(bucket, "object"))).MustBe(HttpStatusCode.NotFound);
        (await service.Https.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_request_of_an_upload_that_specifies_a_customer_key_is_refused()
    {
        var bucket = await service.NewBucketAsync();
        var key = CustomerKey.New();
        MustBeBlocked(await service.Https.SendAsync(RawUpload.Create(bucket, "object", key.Headers)), bucket);
        var upload = await RawUpload.BeginAsync(service.Https, bucket, "object");
        MustBeBlocked(await upload.PutAsync(1, "body"u8.ToArray(), key.Headers), bucket);
        MustBeBlocked(await upload.CopyAsync(1, $"{bucket}/object", key.Headers), bucket);
        var part = await upload.PutPartAsync(1, "body"u8.ToArray());
        MustBeBlocked(await upload.CompleteAsync([part], key.Headers), bucket);
        (await upload.CompleteAsync([part])).MustBe(HttpStatusCode.OK);
    }

    private static void MustBeBlocked(RawAnswer answer, string bucket) => answer.MustBeError(403, "AccessDenied",
        $"User: arn:aws:iam::{TestAccount.Id}:root is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::{bucket}/object\" because this bucket has blocked upload requests "
        + "that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type");

    /// <summary>The setting as it is where nobody sets it.</summary>
    public sealed class BlockingService : ServiceFixture
    {
        protected override (string Name, string? Value)[] Settings => [("S3__BlockSseCOnNewBuckets", null)];
    }
}
