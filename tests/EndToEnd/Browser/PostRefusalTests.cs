using System.Net;
using System.Text;
using Serverless.EndToEnd.Access;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Browser;

/// <summary>
/// What a form's policy does not allow is refused in S3's words and stores nothing. The cases are those of Ceph's s3-tests (test_post_object_…, there signed by Signature Version 2), of
/// recordings of S3, and of whoever would like more than the policy gives.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed class PostRefusalTests(BrowserFixture service)
{
    private const string Violated = "Invalid according to Policy: ";
    private const string OrderOfFields = "If it is specified, please check the order of the fields.";

    private readonly RawClient _client = service.Http;

    public static TheoryData<string> Cases => [.. Refused.Keys];

    private static readonly Dictionary<string, (Func<BrowserForm, BrowserForm> Spoil, int Status, string Code, string? Message)> Refused = new()
    {
        ["another secret"] = (form => form with { Signer = form.Signer with { SecretAccessKey = "another" } }, 403, "SignatureDoesNotMatch", null),
        ["an unknown access key"] = (form => form with { Signer = form.Signer with { AccessKeyId = "AKIAUNKNOWNUNKNOWN01" } }, 403, "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records."),
        ["another Region"] = (form => form with { Signer = form.Signer with { Region = "eu-west-3" } }, 400, "InvalidArgument", "the region 'eu-west-3' is wrong; expecting 'us-east-1'"),
        ["another service"] = (form => form with { Signer = form.Signer with { Service = "kms" } }, 400, "InvalidArgument", "incorrect service \"kms\". This endpoint belongs to \"s3\"."),
        ["a session token"] = (form => form with { Fields = [("x-amz-security-token", "token")] }, 400, "InvalidToken", null),
        ["Signature Version 2"] = (form => form with { Anonymous = true, Fields = [("AWSAccessKeyId", TestAccount.AccessKeyId), ("signature", "c2ln"), ("policy", "e30=")] }, 400, "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."),
        ["no signature"] = (form => form with { Tamper = Without("x-amz-signature") }, 400, "InvalidArgument", $"Bucket POST must contain a field named 'X-Amz-Signature'.  {OrderOfFields}"),
        ["no policy"] = (form => form with { Tamper = Without("policy") }, 400, "InvalidArgument", $"Bucket POST must contain a field named 'policy'.  {OrderOfFields}"),
        ["no key"] = (form => form with { Tamper = Without("key") }, 400, "InvalidArgument", $"Bucket POST must contain a field named 'key'.  {OrderOfFields}"),
        ["an empty key"] = (form => form with { Key = "" }, 400, "InvalidArgument", "User key must have a length greater than 0."),
        ["a key of 1025 bytes"] = (form => form with { Key = new string('k', 1023) + "ü" }, 400, "KeyTooLongError", "Your key is too long"),
        ["a policy and no signature at all"] = (form => form with { Anonymous = true, Fields = [("policy", "e30=")] }, 403, "AccessDenied", "Access Denied"),
        ["no signature and no policy on a bucket that is not public"] = (form => form with { Anonymous = true }, 403, "AccessDenied", "Access Denied"),
        ["a policy that has expired"] = (form => form with { Expiration = DateTimeOffset.UtcNow.AddSeconds(-1) }, 403, "AccessDenied", Violated + "Policy expired."),
        ["a signature of the day before yesterday week"] = (form => form with { Signer = form.Signer with { Time = DateTimeOffset.UtcNow.AddDays(-9) } }, 403, "AccessDenied", Violated + "Policy expired."),
        ["a signature of tomorrow"] = (form => form with { Signer = form.Signer with { Time = DateTimeOffset.UtcNow.AddDays(1) } }, 403, "AccessDenied", "Request is not yet valid"),
        ["another key than the policy's"] = (form => form with { Tamper = With("key", "other") }, 403, "AccessDenied", Violated + "Policy Condition failed: [\"eq\", \"$key\", \"foo.txt\"]"),
        ["the key twice"] = (form => form with { Tamper = fields => [.. fields, ("key", "other")] }, 403, "AccessDenied", Violated + "Policy Condition failed: [\"eq\", \"$key\", \"foo.txt\"]"),
        ["the key twice, in another case"] = (form => form with { Tamper = fields => [("KEY", "other"), .. fields] }, 403, "AccessDenied", Violated + "Policy Condition failed: [\"eq\", \"$key\", \"foo.txt\"]"),
        ["a key outside the prefix"] = (form => form with { Key = "user/${filename}", Tamper = With("key", "user2/${filename}") }, 403, "AccessDenied",
            Violated + "Policy Condition failed: [\"starts-with\", \"$key\", \"user/\"]"),
        ["a policy of another bucket"] = (form => form with { Policy = policy => policy.Replace(form.Bucket, "another-bucket", StringComparison.Ordinal) }, 403, "AccessDenied",
            Violated + "Policy Condition failed: [\"eq\", \"$bucket\", \"another-bucket\"]"),
        ["a policy of no bucket"] = (form => form with { Uncovered = ["bucket"] }, 403, "AccessDenied", Violated + "Extra input fields: bucket"),
        ["a value that is not the policy's"] = (form => form with { Fields = [("x-amz-meta-foo", "barclamp")], Uncovered = ["x-amz-meta-foo"], Conditions = ["""["eq", "$x-amz-meta-foo", ""]"""] }, 403, "AccessDenied",
            Violated + "Policy Condition failed: [\"eq\", \"$x-amz-meta-foo\", \"\"]"),
        ["no field where the policy has one"] = (form => form with { Conditions = ["""["starts-with", "$x-amz-meta-foo", "bar"]"""] }, 403, "AccessDenied",
            Violated + "Policy Condition failed: [\"starts-with\", \"$x-amz-meta-foo\", \"bar\"]"),
        ["a content type that is not the policy's"] = (form => form with { Fields = [("Content-Type", "text/html")], Uncovered = ["Content-Type"], Conditions = ["""["starts-with", "$Content-Type", "image/"]"""] },
            403, "AccessDenied", Violated + "Policy Condition failed: [\"starts-with\", \"$Content-Type\", \"image/\"]"),
        ["a field that the policy does not have"] = (form => form with { Fields = [("x-amz-meta-foo", "1")], Uncovered = ["x-amz-meta-foo"] }, 403, "AccessDenied", Violated + "Extra input fields: x-amz-meta-foo"),
        ["an ACL that the policy does not have"] = (form => form with { Tamper = fields => [("ACL", "public-read"), .. fields] }, 403, "AccessDenied", Violated + "Extra input fields: ACL"),
        ["a checksum that the policy does not have"] = (form => form with { Tamper = fields => [("x-amz-checksum-crc32", "AAAAAA=="), .. fields] }, 403, "AccessDenied", Violated + "Extra input fields: x-amz-checksum-crc32"),
        ["an expiration in another form"] = (form => form with { Policy = policy => policy.Replace("T", " ", StringComparison.Ordinal) }, 400, "InvalidPolicyDocument", null),
        ["no expiration"] = (form => form with { Policy = _ => """{"conditions": []}""" }, 400, "InvalidPolicyDocument", "Invalid Policy: Policy missing expiration."),
        ["no conditions"] = (form => form with { Policy = _ => """{"expiration": "2099-01-01T00:00:00Z"}""" }, 400, "InvalidPolicyDocument", "Invalid Policy: Policy missing conditions."),
        ["CONDITIONS"] = (form => form with { Policy = policy => policy.Replace("conditions", "CONDITIONS", StringComparison.Ordinal) }, 400, "InvalidPolicyDocument", "Invalid Policy: Unexpected: 'conditions'"),
        ["EXPIRATION"] = (form => form with { Policy = policy => policy.Replace("expiration", "EXPIRATION", StringComparison.Ordinal) }, 400, "InvalidPolicyDocument", "Invalid Policy: Unexpected: 'expiration'"),
        ["a condition of nothing"] = (form => form with { Conditions = ["{}"] }, 400, "InvalidPolicyDocument",
            "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."),
        ["a policy that is no JSON"] = (form => form with { Policy = _ => "policy" }, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."),
        ["a range with one end"] = (form => form with { Conditions = ["""["content-length-range", 0]"""] }, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid content-length-range: wrong number of arguments."),
        ["a file that is too large"] = (form => form with { Conditions = ["""["content-length-range", 0, 2]"""] }, 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"),
        ["a range below nothing"] = (form => form with { Conditions = ["""["content-length-range", -1, 0]"""] }, 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"),
        ["a file that is too small"] = (form => form with { Conditions = ["""["content-length-range", 4, 1000]"""] }, 400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"),
        ["a large file that is too large"] = (form => form with { File = new byte[20 << 20], Conditions = ["""["content-length-range", 0, 10485760]"""] }, 400, "EntityTooLarge", null),
        ["a large file that is too small"] = (form => form with { File = new byte[9 << 20], Conditions = ["""["content-length-range", 10485760, 20971520]"""] }, 400, "EntityTooSmall", null),
        ["a public ACL"] = (form => form with { Fields = [("acl", "public-read")] }, 400, "AccessControlListNotSupported", null),
        ["a storage class that there is not"] = (form => form with { Fields = [("x-amz-storage-class", "FakeClass")] }, 400, "InvalidStorageClass", null),
        ["an encryption that there is not"] = (form => form with { Fields = [("x-amz-server-side-encryption", "ROT13")] }, 400, "InvalidArgument", "The encryption method specified is not supported"),
        ["too much metadata"] = (form => form with { Fields = [("x-amz-meta-large", new string('m', 2048))] }, 400, "MetadataTooLarge", null),
        ["a line break in a header"] = (form => form with { Fields = [("Cache-Control", "a\r\nSet-Cookie: b")] }, 400, "InvalidArgument", null),
        ["a line break in a name"] = (form => form with { Fields = [("x-amz-meta-a b", "c")] }, 400, "InvalidArgument", null),
        ["20 KiB of fields"] = (form => form with { Fields = [("x-ignore-this", new string('i', 20 * 1024))] }, 400, "MaxPostPreDataLengthExceeded", null),
        ["20 KiB of fields, most of which is around them"] = (form => form with { Fields = [.. Enumerable.Repeat(("x-ignore-this", ""), 200)] }, 400, "MaxPostPreDataLengthExceeded", null),
        ["two files"] = (form => form with { After = [("file", "2")] }, 400, "IncorrectNumberOfFilesInPostRequest", "POST requires exactly one file upload per request."),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_form_that_is_not_allowed_is_refused_and_stores_nothing(string name)
    {
        var (spoil, status, code, message) = Refused[name];
        var form = spoil(new(await service.NewBucketAsync()));
        var answer = (await _client.SendAsync(form.ToRequest())).MustBeError(status, code);
        if (message is not null) Assert.Equal(message, answer.ErrorField("Message"));
        Assert.Null(answer["set-cookie"]);
        if (code is "EntityTooLarge" or "EntityTooSmall")
            Assert.Equal((long)form.File.Length, long.Parse(answer.ErrorField("ProposedSize")!, System.Globalization.CultureInfo.InvariantCulture));
        await NothingIsThereAsync(form.Bucket);
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "key=k&file=f", 412, "PreconditionFailed")]
    [InlineData("multipart/mixed; boundary=b", "", 412, "PreconditionFailed")]
    [InlineData("text/html", "", 412, "PreconditionFailed")]
    [InlineData("no/content/type", "", 412, "PreconditionFailed")]
    [InlineData("multipart/form-data", "--b--", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=", "--b--", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=12345678901234567890123456789012345678901234567890123456789012345678901", "", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=b", "", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=b", "key=k", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\n\r\nk\r\n--b--\r\n", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data\r\n\r\nk\r\n--b--\r\n", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: attachment; name=\"key\"\r\n\r\nk\r\n--b--\r\n", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n", 400, "MalformedPOSTRequest")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--b--\r\n", 400, "InvalidArgument")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nf\r\n--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--b--\r\n", 400, "InvalidArgument")]
    public async Task A_body_that_is_no_form_is_refused(string contentType, string body, int status, string code)
    {
        var answer = (await _client.SendAsync(BrowserForm.Request(await service.NewBucketAsync(), Encoding.UTF8.GetBytes(body), contentType))).MustBeError(status, code);
        if (status == 412) Assert.Equal("Bucket POST must be of the enclosure-type multipart/form-data", answer.ErrorField("Condition"));
    }

    [Fact]
    public async Task A_form_that_breaks_off_in_its_file_stores_nothing()
    {
        foreach (var size in new[] { 3, 9 << 20 })
        {
            var form = await NewPublicAsync() with { Anonymous = true, File = new byte[size] };
            var body = form.Write();
            (await _client.SendAsync(form.ToRequest() with { Body = body[..^30] })).MustBeError(400, "MalformedPOSTRequest");
            await NothingIsThereAsync(form.Bucket);
        }
    }

    [Fact]
    public async Task A_bucket_that_there_is_not_is_told_before_the_form_is_read() =>
        (await _client.SendAsync(new BrowserForm("no-such-bucket").ToRequest())).MustBeError(404, "NoSuchBucket");

    [Fact]
    public async Task Headers_of_the_request_count_for_nothing_of_what_a_form_says()
    {
        var form = new BrowserForm(await service.NewBucketAsync());
        var request = form.ToRequest();
        (string, string)[] headers = [("x-amz-acl", "public-read"), ("x-amz-meta-smuggled", "1"), ("Cache-Control", "no-store"), ("x-amz-server-side-encryption", "aws:kms"), ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")];
        (await _client.SendAsync(request with { UnsignedHeaders = [.. request.UnsignedHeaders, .. headers] })).MustBe(HttpStatusCode.NoContent);
        var head = (await _client.SendAsync(RawRequest.Head(form.Bucket, form.Key))).MustBe(HttpStatusCode.OK);
        Assert.Equal((null, null, "AES256"), (head["x-amz-meta-smuggled"], head["cache-control"], head["x-amz-server-side-encryption"]));
    }

    [Fact]
    public async Task Everybody_may_post_where_the_buckets_policy_lets_everybody_put()
    {
        var form = await NewPublicAsync() with { Anonymous = true, Fields = [("anything", "goes"), ("Content-Type", "text/plain"), ("success_action_status", "201")] };
        Assert.Contains("<Key>foo.txt</Key>", (await _client.SendAsync(form.ToRequest())).MustBe(HttpStatusCode.Created).Text, StringComparison.Ordinal);
        // A signature that is not good is not taken for none.
        foreach (var name in new[] { "another secret", "an unknown access key", "a policy that has expired", "another key than the policy's", "a field that the policy does not have" })
            (await _client.SendAsync(Refused[name].Spoil(form with { Anonymous = false, Fields = [], Key = "foo.txt" }).ToRequest())).MustBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Policies_judge_a_form_as_the_put_that_it_is()
    {
        var user = await new QueryApi(service.Http).NewUserAsync();
        var form = new BrowserForm(await service.NewBucketAsync()) { Signer = user.Signer("s3"), Key = "form/a" };
        (await _client.SendAsync(form.ToRequest())).MustBeDenied("s3:PutObject", $"arn:aws:s3:::{form.Bucket}/form/a",
            "because no identity-based policy allows the s3:PutObject action", await user.CallerAsync());
        var policy = $$$$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"{{{{await user.CallerAsync()}}}}"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::{{{{form.Bucket}}}}/form/*",
            "Condition":{"StringEquals":{"s3:authType":"POST","s3:signatureversion":"AWS4-HMAC-SHA256","s3:x-amz-server-side-encryption":"AES256"},"NumericLessThan":{"s3:signatureAge":"600000"}}}]}
            """;
        (await _client.SendAsync(PolicyRequests.PutPolicy(form.Bucket, policy))).MustBe(HttpStatusCode.NoContent);
        (await _client.SendAsync(form.ToRequest())).MustBeError(403, "AccessDenied");
        var allowed = form with { Fields = [("x-amz-server-side-encryption", "AES256")] };
        (await _client.SendAsync(allowed.ToRequest())).MustBe(HttpStatusCode.NoContent);
        (await _client.SendAsync((allowed with { Key = "other" }).ToRequest())).MustBeError(403, "AccessDenied");
        (await _client.SendAsync(RawRequest.Put(form.Bucket, "form/b", [], ("x-amz-server-side-encryption", "AES256")) with { Signer = user.Signer("s3") })).MustBeError(403, "AccessDenied");
    }

    [Fact]
    public async Task A_request_that_is_signed_itself_may_post_a_form()
    {
        var bucket = await service.NewBucketAsync();
        var form = new BrowserForm(bucket) { Anonymous = true };
        var request = form.ToRequest() with { Anonymous = false };
        (await _client.SendAsync(request)).MustBe(HttpStatusCode.NoContent);
        (await _client.SendAsync(request with { Body = (form with { Anonymous = false }).Write() })).MustBeError(400, "InvalidArgument");
        (await _client.SendAsync(request with { PresignedSeconds = 60 })).MustBeError(400, "InvalidRequest", "Query string authentication is not supported for POST.");
        // The body's hash covers what is behind the file, too.
        (await _client.SendAsync(request with { ContentSha256 = new string('0', 64), Body = (form with { Key = "other" }).Write() })).MustBeError(400, "XAmzContentSHA256Mismatch");
        Assert.DoesNotContain("<Key>other</Key>", (await _client.SendAsync(new("GET", "/" + bucket))).Text, StringComparison.Ordinal);
    }

    private static Func<IReadOnlyList<(string Name, string Value)>, IEnumerable<(string Name, string Value)>> Without(string name) => fields => fields.Where(field => field.Name != name);

    private static Func<IReadOnlyList<(string Name, string Value)>, IEnumerable<(string Name, string Value)>> With(string name, string value) =>
        fields => fields.Select(field => field.Name == name ? (name, value) : field);

    private async Task<BrowserForm> NewPublicAsync()
    {
        var bucket = await service.NewBucketAsync();
        (await _client.SendAsync(PolicyRequests.DeletePublicAccessBlock(bucket))).MustBe(HttpStatusCode.NoContent);
        (await _client.SendAsync(PolicyRequests.PutPolicy(bucket, $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::{{bucket}}/*"}]}
            """))).MustBe(HttpStatusCode.NoContent);
        return new(bucket);
    }

    private async Task NothingIsThereAsync(string bucket) =>
        Assert.DoesNotContain("<Contents>", (await _client.SendAsync(new("GET", "/" + bucket))).MustBe(HttpStatusCode.OK).Text, StringComparison.Ordinal);
}
