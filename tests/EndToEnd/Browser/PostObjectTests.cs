using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Browser;

/// <summary>Browsers upload by forms what their policies allow, and get S3's answers.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PostObjectTests(BrowserFixture service)
{
    private const string Redirect = "https://app.example.test/done";

    private readonly RawClient _client = service.Http;

    [Fact]
    public async Task A_form_stores_its_file_with_what_its_fields_say()
    {
        var form = await NewFormAsync() with
        {
            Key = "photos/a b ü.txt",
            Fields =
            [
                ("acl", "private"), ("Content-Type", "text/plain"), ("cache-control", "max-age=60"), ("Content-Disposition", "attachment"), ("Content-Encoding", "identity"),
                ("Expires", "Wed, 21 Oct 2037 07:28:00 GMT"), ("x-amz-meta-TEST-2", "välue"), ("x-amz-meta-empty", ""), ("x-amz-meta-lines", "one\r\ntwo"),
                ("x-amz-website-redirect-location", "/other"), ("x-amz-storage-class", "STANDARD"), ("success_action_status", "201"),
            ],
        };
        var answer = (await _client.SendAsync(form.ToRequest())).MustBe(HttpStatusCode.Created);
        var (etag, location) = ($"\"{Md5("bar"u8)}\"", $"{_client.Endpoint.GetLeftPart(UriPartial.Authority)}/{form.Bucket}/photos%2Fa%20b%20%C3%BC.txt");
        Assert.Equal(("application/xml", etag, location, "AES256", "FULL_OBJECT"), (
            answer["content-type"], answer["etag"], answer["location"], answer["x-amz-server-side-encryption"], answer["x-amz-checksum-type"]));
        Assert.NotNull(answer["x-amz-checksum-crc64nvme"]);
        Assert.EndsWith($"?><PostResponse><Location>{location}</Location><Bucket>{form.Bucket}</Bucket><Key>{form.Key}</Key><ETag>{etag}</ETag></PostResponse>",
            answer.Text, StringComparison.Ordinal);

        var stored = (await _client.SendAsync(RawRequest.Get(form.Bucket, form.Key))).MustBe(HttpStatusCode.OK);
        Assert.Equal("bar", stored.Text);
        Assert.Equal(("text/plain", "max-age=60", "attachment", "identity", "Wed, 21 Oct 2037 07:28:00 GMT", "välue", "", "/other"), (
            stored["content-type"], stored["cache-control"], stored["content-disposition"], stored["content-encoding"], stored["expires"], stored["x-amz-meta-test-2"],
            stored["x-amz-meta-empty"], stored["x-amz-website-redirect-location"]));
        // What no header can hold is written as mail does it.
        Assert.Equal($"=?UTF-8?B?{Convert.ToBase64String("one\r\ntwo"u8)}?=", stored["x-amz-meta-lines"]);
    }

    [Fact]
    public async Task A_forms_tags_are_a_document()
    {
        var form = await NewFormAsync() with { Fields = [("tagging", "<Tagging><TagSet><Tag><Key>a b</Key><Value>c&amp;d</Value></Tag></TagSet></Tagging>")] };
        (await _client.SendAsync(form.ToRequest())).MustBeError(400, "InvalidTag", "The TagValue you have provided is invalid");
        form = form with { Fields = [("tagging", "<Tagging><TagSet><Tag><Key>a b</Key><Value>c=d</Value></Tag></TagSet></Tagging>")] };
        (await _client.SendAsync(form.ToRequest())).MustBe(HttpStatusCode.NoContent);
        var tags = (await _client.SendAsync(RawRequest.Get(form.Bucket, form.Key) with { Query = [("tagging", "")] })).MustBe(HttpStatusCode.OK);
        Assert.Contains("<Tag><Key>a b</Key><Value>c=d</Value></Tag>", tags.Text, StringComparison.Ordinal);
        (await _client.SendAsync((form with { Fields = [("tagging", "a=b")] }).ToRequest())).MustBeError(400, "MalformedXML");
    }

    [Theory]
    [InlineData(null, null, 204, null)]
    [InlineData("success_action_status", "200", 200, null)]
    [InlineData("success_action_status", "204", 204, null)]
    [InlineData("success_action_status", "404", 204, null)]
    [InlineData("success_action_redirect", Redirect, 303, "?")]
    [InlineData("success_action_redirect", $"{Redirect}?a=b c", 303, "&")]
    [InlineData("redirect", Redirect, 303, "?")]
    [InlineData("success_action_redirect", "/wrong/redirect/relative", 204, null)]
    [InlineData("success_action_redirect", "javascript:alert(1)", 204, null)]
    [InlineData("success_action_redirect", "ftp://example.test/", 204, null)]
    public async Task The_form_says_how_it_is_answered(string? field, string? value, int status, string? joint)
    {
        var form = await NewFormAsync() with { Key = "a/b c&d.txt", Fields = field is null ? [] : [(field, value!)] };
        var answer = (await _client.SendAsync(form.ToRequest())).MustBe((HttpStatusCode)status);
        Assert.Empty(answer.Body);
        Assert.Equal(joint is null ? $"{_client.Endpoint.GetLeftPart(UriPartial.Authority)}/{form.Bucket}/a%2Fb%20c%26d.txt"
            : $"{value!.Replace(" ", "%20", StringComparison.Ordinal)}{joint}bucket={form.Bucket}&key=a%2Fb+c%26d.txt&etag=%22{Md5("bar"u8)}%22", answer["location"]);
        Assert.Equal(("bar", "binary/octet-stream"), (await GetAsync(form.Bucket, form.Key)));
    }

    [Theory]
    [InlineData("https://a.test/\r\nSet-Cookie: a=b", "https://a.test/", "22")]
    [InlineData("https://a.test/ü#part", "https://a.test/%C3%BC?bucket=", "#part")]
    public async Task A_redirection_is_one_headers_text(string page, string begin, string end)
    {
        var answer = (await _client.SendAsync((await NewFormAsync() with { Fields = [("success_action_redirect", page)] }).ToRequest())).MustBe(HttpStatusCode.SeeOther);
        Assert.Null(answer["set-cookie"]);
        Assert.StartsWith(begin, answer["location"], StringComparison.Ordinal);
        Assert.EndsWith(end, answer["location"], StringComparison.Ordinal);
    }

    public static TheoryData<string> Allowed => ["an ignored field", "names in any case", "a key with a dollar", "a prefix of metadata", "types that all begin so", "no type", "an empty prefix", "a redirection that any may be"];

    /// <summary>What Ceph's s3-tests let through, and S3 in recordings.</summary>
    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task A_form_that_is_allowed_is_stored(string name)
    {
        var form = await NewFormAsync();
        form = name switch
        {
            "an ignored field" => form with { Fields = [("x-ignore-foo", "bar")], Uncovered = ["x-ignore-foo"] },
            "names in any case" => form with
            {
                Fields = [("aCl", "private"), ("CoNtEnT-TyPe", "text/plain")],
                Uncovered = ["bucket", "key", "aCl", "CoNtEnT-TyPe"],
                Conditions = [$$"""{"bUcKeT": "{{form.Bucket}}"}""", """["StArTs-WiTh", "$KeY", "foo"]""", """{"AcL": "private"}""", """["StArTs-WiTh", "$content-TYPE", "text/plain"]"""],
                Tamper = fields => fields.Select(field => (field.Name switch { "key" => "kEy", "policy" => "pOLICy", "x-amz-signature" => "X-Amz-Signature", var other => other }, field.Value)),
            },
            "a key with a dollar" => form with { Key = "\\$foo.txt", Uncovered = ["key"], Conditions = ["""["starts-with", "$key", "\\$foo"]"""] },
            "a prefix of metadata" => form with { Fields = [("x-amz-meta-foo", "barclamp")], Uncovered = ["x-amz-meta-foo"], Conditions = ["""["starts-with", "$x-amz-meta-foo", "bar"]"""] },
            "types that all begin so" => form with { Fields = [("Content-Type", "image/png,image/gif")], Uncovered = ["Content-Type"], Conditions = ["""["starts-with", "$Content-Type", "image/"]"""] },
            "no type" => form,
            "an empty prefix" => form with { Fields = [("Content-Type", "")], Uncovered = ["Content-Type"], Conditions = ["""["starts-with", "$Content-Type", ""]"""] },
            _ => form with { Fields = [("success_action_redirect", "/relative")], Uncovered = ["success_action_redirect"], Conditions = ["""["starts-with", "$success_action_redirect", ""]"""] },
        };
        (await _client.SendAsync(form.ToRequest())).MustBe(HttpStatusCode.NoContent);
        Assert.Equal("bar", (await GetAsync(form.Bucket, form.Key)).Body);
    }

    [Theory]
    [InlineData("photo.jpg", "user/photo.jpg")]
    [InlineData("C:\\Program Files\\photo.jpg", "user/photo.jpg")]
    [InlineData("../../photo ü.jpg", "user/photo ü.jpg")]
    [InlineData("", "user/")]
    [InlineData(null, "user/${filename}")]
    public async Task The_files_name_may_be_the_keys_end(string? fileName, string key)
    {
        var form = await NewFormAsync() with { Key = "user/${filename}", FileName = fileName };
        (await _client.SendAsync(form.ToRequest())).MustBe(HttpStatusCode.NoContent);
        Assert.Equal("bar", (await GetAsync(form.Bucket, key)).Body);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3 * TestData.Mebibyte)]
    [InlineData(8 * TestData.Mebibyte)]
    [InlineData((8 * TestData.Mebibyte) + 1)]
    [InlineData(20 * TestData.Mebibyte)]
    public async Task A_file_of_any_size_is_stored_as_it_is(int size)
    {
        // A length that is not known beforehand, as there are fields behind the file.
        foreach (var after in new[] { Array.Empty<(string, string)>(), [("submit", "Upload"), ("acl", "public-read"), ("key", "other")] })
        {
            var file = TestData.Bytes(size);
            var form = await NewFormAsync() with { File = file, After = after, Conditions = [$"[\"content-length-range\", {size}, {size}]"] };
            var answer = (await _client.SendAsync(form.ToRequest())).MustBe(HttpStatusCode.NoContent);
            Assert.Equal($"\"{Md5(file)}\"", answer["etag"]);
            var head = (await _client.SendAsync(RawRequest.Head(form.Bucket, form.Key))).MustBe(HttpStatusCode.OK);
            Assert.Equal(size.ToString(System.Globalization.CultureInfo.InvariantCulture), head["content-length"]);
            var got = (await _client.SendAsync(RawRequest.Get(form.Bucket, form.Key))).MustBe(HttpStatusCode.OK);
            Assert.True(file.AsSpan().SequenceEqual(got.Body));
            Assert.DoesNotContain("<Key>other</Key>", (await _client.SendAsync(new("GET", "/" + form.Bucket))).Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("AES256", null)]
    [InlineData("aws:kms", "AES256")]
    [InlineData("aws:kms", null)]
    [InlineData("aws:kms:dsse", null)]
    public async Task A_file_is_encrypted_as_the_form_says(string method, string? context)
    {
        const string Sse = "x-amz-server-side-encryption";
        var key = method == "AES256" ? null : await service.NewKeyAsync();
        var form = await NewFormAsync() with
        {
            Fields = [(Sse, method), .. key is null ? Array.Empty<(string, string)>() : [($"{Sse}-aws-kms-key-id", key)],
                .. method == "aws:kms" ? new[] { ($"{Sse}-bucket-key-enabled", "true") } : [], .. context is null ? Array.Empty<(string, string)>() : [($"{Sse}-context", Convert.ToBase64String("""{"a":"b"}"""u8))]],
        };
        var answer = (await _client.SendAsync(form.ToRequest())).MustBe(HttpStatusCode.NoContent);
        var expected = (method, key, method == "aws:kms" ? "true" : null, (string?)null);
        Assert.Equal(expected, (answer[Sse], answer[$"{Sse}-aws-kms-key-id"], answer[$"{Sse}-bucket-key-enabled"], answer[$"{Sse}-context"]));
        var got = (await _client.SendAsync(RawRequest.Get(form.Bucket, form.Key))).MustBe(HttpStatusCode.OK);
        Assert.Equal(expected, (got[Sse], got[$"{Sse}-aws-kms-key-id"], got[$"{Sse}-bucket-key-enabled"], got[$"{Sse}-context"]));
        Assert.Equal("bar", got.Text);
    }

    [Fact]
    public async Task A_customers_key_is_taken_over_https_only()
    {
        var customer = CustomerKey.New();
        var form = await NewFormAsync() with { Fields = [.. customer.Headers] };
        (await _client.SendAsync(form.ToRequest())).MustBeError(400, "InvalidRequest");
        var answer = (await service.Https.SendAsync(form.ToRequest())).MustBe(HttpStatusCode.NoContent);
        Assert.Equal(("AES256", null), (answer["x-amz-server-side-encryption-customer-algorithm"], answer["x-amz-server-side-encryption"]));
        Assert.StartsWith("https://", answer["location"], StringComparison.Ordinal);
        Assert.Equal("bar", (await service.Https.SendAsync(RawRequest.Get(form.Bucket, form.Key, [.. customer.Headers]))).MustBe(HttpStatusCode.OK).Text);
        (await service.Https.SendAsync(RawRequest.Get(form.Bucket, form.Key))).MustBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("x-amz-checksum-sha256", "/N4rLtula/QIYB+3If6bXDONEO5CnqBPrlURto+/j7k=", 204, null)]
    [InlineData("x-amz-checksum-sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 400, "BadDigest")]
    [InlineData("x-amz-checksum-sha256", "sailorjerry", 400, "InvalidRequest")]
    [InlineData("x-amz-checksum-algorithm", "CRC32", 400, "InvalidRequest")]
    [InlineData("Content-MD5", "N7UdGUp1E+RbVvZSTy1R8g==", 204, null)]
    [InlineData("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==", 400, "BadDigest")]
    [InlineData("Content-MD5", "nothing", 400, "InvalidDigest")]
    public async Task A_digest_in_the_form_is_the_files(string field, string value, int status, string? code)
    {
        var form = await NewFormAsync() with { Fields = [(field, value)] };
        var answer = await _client.SendAsync(form.ToRequest());
        if (code is null)
        {
            answer.MustBe((HttpStatusCode)status);
            if (field.StartsWith("x-amz", StringComparison.Ordinal)) Assert.Equal(value, answer[field]);
            return;
        }
        answer.MustBeError(status, code);
        await NothingIsThereAsync(form);
    }

    [Fact]
    public async Task A_page_of_another_origin_may_read_the_answer_if_the_bucket_lets_it()
    {
        var form = await NewFormAsync();
        var document = "<CORSConfiguration><CORSRule><AllowedMethod>POST</AllowedMethod><AllowedOrigin>https://app.example.test</AllowedOrigin><ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>";
        (await _client.SendAsync(new("PUT", $"/{form.Bucket}") { Query = [("cors", "")], Body = Encoding.UTF8.GetBytes(document) })).MustBe(HttpStatusCode.OK);
        foreach (var each in new[] { form, form with { Expiration = DateTimeOffset.UtcNow.AddMinutes(-1) } })
        {
            var request = each.ToRequest();
            var answer = await _client.SendAsync(request with { UnsignedHeaders = [.. request.UnsignedHeaders, ("Origin", "https://app.example.test")] });
            Assert.Equal(each == form ? HttpStatusCode.NoContent : HttpStatusCode.Forbidden, answer.Status);
            Assert.Equal(("https://app.example.test", "ETag"), (answer["access-control-allow-origin"], answer["access-control-expose-headers"]));
        }
    }

    [Fact]
    public async Task A_form_may_name_the_bucket_in_the_host()
    {
        var form = await NewFormAsync() with { Fields = [("success_action_status", "201")] };
        var host = $"{form.Bucket}.{BrowserFixture.Domain}";
        var answer = (await _client.SendAsync(form.ToRequest() with { Path = "/", Host = host })).MustBe(HttpStatusCode.Created);
        Assert.Equal(($"http://{host}/foo.txt", $"http://{host}/foo.txt"), (answer["location"], XElement.Parse(answer.Text).Element("Location")!.Value));
        Assert.Equal("bar", (await GetAsync(form.Bucket, form.Key)).Body);
        // A policy for one bucket is none for another.
        (await _client.SendAsync(form.ToRequest() with { Path = "/", Host = $"{await service.NewBucketAsync()}.{BrowserFixture.Domain}" })).MustBeError(403, "AccessDenied",
            $"Invalid according to Policy: Policy Condition failed: [\"eq\", \"$bucket\", \"{form.Bucket}\"]");
    }

    private async Task NothingIsThereAsync(BrowserForm form) =>
        Assert.DoesNotContain("<Contents>", (await _client.SendAsync(new("GET", "/" + form.Bucket))).MustBe(HttpStatusCode.OK).Text, StringComparison.Ordinal);

    private async Task<(string Body, string? ContentType)> GetAsync(string bucket, string key)
    {
        var answer = (await _client.SendAsync(RawRequest.Get(bucket, key))).MustBe(HttpStatusCode.OK);
        return (answer.Text, answer["content-type"]);
    }

    private async Task<BrowserForm> NewFormAsync() => new(await service.NewBucketAsync());

    private static string Md5(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(MD5.HashData(data));
}
