using System.Net;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Audit;

/// <summary>Every use of a key, and every refusal, is found by LookupEvents: once, and with what CloudTrail says of it.</summary>
public sealed class AuditTests(AuditTests.AuditingService service) : IClassFixture<AuditTests.AuditingService>
{
    private const string Sse = "x-amz-server-side-encryption";

    [Fact]
    public async Task Each_use_of_a_KMS_key_through_S3_is_found_once_by_key_object_user_name_and_time()
    {
        var begin = DateTimeOffset.UtcNow.AddSeconds(-1);
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        var put = await service.Http.SendAsync(Put(bucket, arn));
        put.MustBe(HttpStatusCode.OK);
        for (var i = 0; i < 2; i++) (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        await service.Kms.DisableKeyAsync(arn);

        var records = await FindAsync("ResourceName", arn, count: 5);
        Assert.Equal(["CreateKey", "GenerateDataKey", "Decrypt", "Decrypt", "DisableKey"], InOrder(records));
        var generated = records.Single(record => (string)record["eventName"]! == "GenerateDataKey");
        Assert.Equal("kms.amazonaws.com", (string)generated["eventSource"]!);
        Assert.Equal(TestAccount.Region, (string)generated["awsRegion"]!);
        Assert.Equal(("Root", $"arn:aws:iam::{TestAccount.Id}:root", TestAccount.AccessKeyId),
            ((string)generated["userIdentity"]!["type"]!, (string)generated["userIdentity"]!["arn"]!, (string)generated["userIdentity"]!["accessKeyId"]!));
        Assert.Equal("127.0.0.1", (string)generated["sourceIPAddress"]!);
        Assert.Equal(put["x-amz-request-id"], (string)generated["requestID"]!);
        Assert.Equal($"arn:aws:s3:::{bucket}/object", (string)generated["requestParameters"]!["encryptionContext"]!["aws:s3:arn"]!);
        Assert.Null(generated["errorCode"]);

        // The object alone, the key's bare id, and the other attributes lead to the same records.
        Assert.Equal(["GenerateDataKey", "Decrypt", "Decrypt"], InOrder(await service.CloudTrail.LookupAsync("ResourceName", $"arn:aws:s3:::{bucket}/object")));
        Assert.Equal(Ids(records), Ids(await service.CloudTrail.LookupAsync("ResourceName", arn[(arn.LastIndexOf('/') + 1)..])));
        foreach (var (attribute, value) in new[] { ("Username", "root"), ("AccessKeyId", TestAccount.AccessKeyId) })
            Assert.Superset(Ids(records), Ids(await service.CloudTrail.LookupAsync(attribute, value, start: begin)));
        Assert.Contains((string)generated["eventID"]!, Ids(await service.CloudTrail.LookupAsync("EventName", "GenerateDataKey")));
        Assert.Single(await service.CloudTrail.LookupAsync("EventId", (string)generated["eventID"]!));

        Assert.Equal(5, (await service.CloudTrail.LookupAsync("ResourceName", arn, begin, DateTimeOffset.UtcNow.AddSeconds(1))).Count);
        Assert.Empty(await service.CloudTrail.LookupAsync("ResourceName", arn, end: begin));
        Assert.Empty(await service.CloudTrail.LookupAsync("ResourceName", arn, start: DateTimeOffset.UtcNow.AddMinutes(1)));
    }

    [Fact]
    public async Task A_record_tells_of_the_clients_TLS_and_of_the_service_that_asks_for_it()
    {
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        (await service.Https.SendAsync(Put(bucket, arn))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);

        var records = await FindAsync("ResourceName", $"arn:aws:s3:::{bucket}/object", count: 2);
        Assert.Equal(["GenerateDataKey", "Decrypt"], InOrder(records));
        var tls = records[1]["tlsDetails"]!;
        Assert.Matches("^TLSv1\\.[23]$", (string)tls["tlsVersion"]!);
        Assert.StartsWith("TLS_", (string)tls["cipherSuite"]!, StringComparison.Ordinal);
        Assert.Equal(service.Https.Endpoint.Authority, (string)tls["clientProvidedHostHeader"]!);
        Assert.Null(records[0]["tlsDetails"]);
        Assert.All(records, record => Assert.Equal("s3.amazonaws.com", (string)record["userIdentity"]!["invokedBy"]!));
    }

    [Fact]
    public async Task Refusals_are_found_with_their_reason()
    {
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        (await service.Http.SendAsync(Put(bucket, arn))).MustBe(HttpStatusCode.OK);
        await service.Kms.DisableKeyAsync(arn);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBeError(400, "KMS.DisabledException");
        (await service.Http.SendAsync(Put(bucket, arn))).MustBeError(400, "KMS.DisabledException");

        var refusals = (await FindAsync("ResourceName", arn, count: 5)).Where(record => record["errorCode"] is not null).ToList();
        Assert.Equal(["Decrypt", "GenerateDataKey"], InOrder(refusals));
        Assert.All(refusals, record => Assert.Equal(("DisabledException", $"{arn} is disabled."), ((string)record["errorCode"]!, (string)record["errorMessage"]!)));
    }

    [Fact]
    public async Task With_the_scope_of_all_the_master_keys_uses_are_found_too()
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK);
        Assert.Equal(2, (await FindAsync("ResourceName", $"arn:aws:s3:::{bucket}/object", count: 2)).Count);
    }

    /// <summary>Changes of who may do what and under which keys, and what the service makes of them by itself, each with what is changed.</summary>
    [Fact]
    public async Task Changes_of_policies_and_keys_and_rotations_are_found_by_their_names()
    {
        var begin = DateTimeOffset.UtcNow.AddSeconds(-1);
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        var (id, user) = (arn[(arn.LastIndexOf('/') + 1)..], $"user-{Guid.NewGuid():N}");
        var encryption = new Amazon.S3.Model.ServerSideEncryptionConfiguration
        {
            ServerSideEncryptionRules = [new() { ServerSideEncryptionByDefault = new() { ServerSideEncryptionAlgorithm = "aws:kms", ServerSideEncryptionKeyManagementServiceKeyId = arn } }],
        };
        await service.S3.PutBucketEncryptionAsync(new() { BucketName = bucket, ServerSideEncryptionConfiguration = encryption });
        await service.S3.DeleteBucketEncryptionAsync(new Amazon.S3.Model.DeleteBucketEncryptionRequest { BucketName = bucket });
        var policy = (await service.Kms.GetKeyPolicyAsync(new Amazon.KeyManagementService.Model.GetKeyPolicyRequest { KeyId = arn })).Policy;
        await service.Kms.PutKeyPolicyAsync(new Amazon.KeyManagementService.Model.PutKeyPolicyRequest { KeyId = arn, Policy = policy });
        await service.Kms.RotateKeyOnDemandAsync(new() { KeyId = id });
        // So that there is a master key to rotate.
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", []))).MustBe(HttpStatusCode.OK);
        var iam = new QueryApi(service.Http);
        await iam.AnswerAsync("CreateUser", ("UserName", user));
        await iam.AnswerAsync("PutUserPolicy", ("UserName", user), ("PolicyName", "none"), ("PolicyDocument", """{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"""));
        (await service.Http.SendAsync(new("POST", "/")
        {
            Headers = [("X-Amz-Target", "ServerlessSse_20261125.RotateMasterKey"), ("Content-Type", "application/x-amz-json-1.1")],
            Body = "{}"u8.ToArray(),
            Signer = iam.Signer("sse"),
        })).MustBe(HttpStatusCode.OK);

        foreach (var (name, source, type, what) in new[]
        {
            ("PutBucketEncryption", "s3", "AwsApiCall", bucket),
            ("DeleteBucketEncryption", "s3", "AwsApiCall", bucket),
            ("PutKeyPolicy", "kms", "AwsApiCall", id),
            ("RotateKeyOnDemand", "kms", "AwsApiCall", id),
            ("RotateKey", "kms", "AwsServiceEvent", id),
            ("PutUserPolicy", "iam", "AwsApiCall", user),
            ("RotateMasterKey", "sse", "AwsApiCall", "masterKeyVersion"),
            ("RotateMasterKey", "s3", "AwsServiceEvent", "masterKeyVersion"),
        })
        {
            var record = await Eventually.GetAsync(async () => (await service.CloudTrail.LookupAsync("EventName", name, start: begin)).SingleOrDefault(found =>
                (string)found["eventSource"]! == $"{source}.amazonaws.com" && found.ToJsonString().Contains(what, StringComparison.Ordinal)), $"the record of {name} of {source}");
            Assert.Equal((type, false, null), ((string)record["eventType"]!, (bool)record["readOnly"]!, (string?)record["errorCode"]));
            Assert.Equal(type == "AwsApiCall" ? "Root" : "AWSService", (string)record["userIdentity"]!["type"]!);
        }
    }

    [Fact]
    public async Task A_burst_of_uses_is_found_whole_and_once()
    {
        const int uses = 120;
        var (bucket, arn) = (await service.NewBucketAsync(), await service.NewKeyAsync());
        await Task.WhenAll(Enumerable.Range(0, uses).Select(async i =>
            (await service.Http.SendAsync(RawRequest.Put(bucket, $"object-{i}", [], (Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", arn)))).MustBe(HttpStatusCode.OK)));
        var records = await FindAsync("ResourceName", arn, count: uses + 1);
        Assert.Equal(uses, records.Where(record => (string)record["eventName"]! == "GenerateDataKey")
            .Select(record => (string)record["requestParameters"]!["encryptionContext"]!["aws:s3:arn"]!).Distinct().Count());
    }

    private static RawRequest Put(string bucket, string arn) => RawRequest.Put(bucket, "object", "body"u8.ToArray(), (Sse, "aws:kms"), ($"{Sse}-aws-kms-key-id", arn));

    /// <summary>
    /// The records once there are that many. One more use, of a key made for that, is waited for behind them: a record that was written twice would be there by then.
    /// </summary>
    private async Task<IReadOnlyList<JsonObject>> FindAsync(string attribute, string value, int count)
    {
        await Eventually.TrueAsync(async () => (await service.CloudTrail.LookupAsync(attribute, value)).Count >= count, $"{count} records by {attribute} {value}");
        var fence = await service.NewKeyAsync();
        await Eventually.TrueAsync(async () => (await service.CloudTrail.LookupAsync("ResourceName", fence)).Count > 0, "the record behind them");
        var records = await service.CloudTrail.LookupAsync(attribute, value);
        Assert.Equal(count, records.Count);
        Assert.Equal(count, Ids(records).Count);
        return records;
    }

    /// <summary>Oldest first; LookupEvents answers newest first.</summary>
    private static string[] InOrder(IReadOnlyList<JsonObject> records) => [.. records.Reverse().Select(record => (string)record["eventName"]!)];

    private static HashSet<string> Ids(IEnumerable<JsonObject> records) => [.. records.Select(record => (string)record["eventID"]!)];

    public sealed class AuditingService : ServiceFixture
    {
        protected override (string Name, string? Value)[] Settings => [("Audit__Scope", "All")];
    }
}
