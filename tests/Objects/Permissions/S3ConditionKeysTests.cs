using System.Security.Authentication;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Primitives;
using Serverless.Access;
using Serverless.Access.Tests;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Permissions;

namespace Serverless.Objects.Tests.Permissions;

public class S3ConditionKeysTests
{
    private static readonly Bucket Bucket = new("bucket", "us-east-1", "container", S3Requests.Now, false);

    [Theory]
    [InlineData("s3:x-amz-acl", "x-amz-acl")]
    [InlineData("s3:x-amz-copy-source", "x-amz-copy-source")]
    [InlineData("s3:x-amz-grant-read", "x-amz-grant-read")]
    [InlineData("s3:x-amz-metadata-directive", "x-amz-metadata-directive")]
    [InlineData("s3:x-amz-server-side-encryption", "x-amz-server-side-encryption")]
    [InlineData("s3:x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-customer-algorithm")]
    [InlineData("s3:x-amz-storage-class", "x-amz-storage-class")]
    [InlineData("s3:x-amz-website-redirect-location", "x-amz-website-redirect-location")]
    [InlineData("s3:if-match", "If-Match")]
    [InlineData("s3:if-none-match", "If-None-Match")]
    [InlineData("s3:object-lock-mode", "x-amz-object-lock-mode")]
    public async Task A_header_is_a_key_as_it_was_sent_and_no_key_without_it(string key, string header)
    {
        Assert.Equal("as Sent", await FindAsync(key, headers: [(header, "as Sent")]));
        Assert.Null(await FindAsync(key));
    }

    [Fact]
    public async Task A_header_that_came_twice_is_one_value_as_the_operation_reads_it()
    {
        var request = await S3Requests.OfAsync("PUT", "/bucket/key");
        request.Headers["x-amz-server-side-encryption"] = new StringValues(["AES256", "aws:kms"]);
        Assert.Equal("AES256,aws:kms", Assert.Single(Keys(request).Find("s3:x-amz-server-side-encryption")!.Value));
    }

    [Fact]
    public async Task Secrets_and_unknown_headers_are_no_keys()
    {
        var request = await S3Requests.OfAsync("PUT", "/bucket/key");
        foreach (var header in (string[])["x-amz-server-side-encryption-customer-key", "x-amz-server-side-encryption-context", "authorization", "x-amz-meta-a", "s3:authtype"])
        {
            request.Headers[header] = "value";
            Assert.Null(Keys(request).Find("s3:" + header));
            Assert.Null(Keys(request).Find(header));
        }
    }

    [Theory]
    [InlineData("s3:authtype", "REST-HEADER", "REST-QUERY-STRING", null)]
    [InlineData("s3:signatureversion", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256", null)]
    [InlineData("s3:signatureage", "90000", "90000", null)]
    [InlineData("s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD")]
    public async Task The_signature_has_keys(string key, string inHeader, string inQuery, string? anonymous)
    {
        var client = new SigningClient { Now = S3Requests.Now.AddSeconds(-90) };
        foreach (var (sign, expected) in ((Action<TestRequest>?, string?)[])[(client.SignWithoutPayload, inHeader), (request => client.Presign(request), inQuery), (null, anonymous)])
            Assert.Equal(expected, Value(Keys(await S3Requests.OfAsync("GET", "/bucket/key", sign: sign)).Find(key)));
    }

    [Theory]
    [InlineData("/bucket", "prefix=a%2Fb&delimiter=%2F&max-keys=7", "a/b", "/", "7")]
    [InlineData("/bucket", "prefix=", "", null, null)]
    // Who asks for an object lists nothing: its query must not open a listing that is confined to a prefix.
    [InlineData("/bucket/key", "prefix=a&delimiter=b&max-keys=7", null, null, null)]
    public async Task A_listing_has_keys(string path, string query, string? prefix, string? delimiter, string? maxKeys)
    {
        var keys = Keys(await S3Requests.SignedAsync("GET", path, query));
        Assert.Equal((prefix, delimiter, maxKeys), (Value(keys.Find("s3:prefix")), Value(keys.Find("s3:delimiter")), Value(keys.Find("s3:max-keys"))));
    }

    [Fact]
    public async Task The_version_and_the_account_are_keys()
    {
        Assert.Equal("null", await FindAsync("s3:versionid", query: "versionId=null"));
        Assert.Null(await FindAsync("s3:versionid"));
        Assert.Equal(S3Requests.Account, await FindAsync("s3:resourceaccount"));
        Assert.Equal(S3Requests.Account, await FindAsync("aws:resourceaccount"));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, "1.2")]
    [InlineData(SslProtocols.Tls13, "1.3")]
    [InlineData(null, null)]
    public async Task The_TLS_version_is_a_key_where_it_is_known(SslProtocols? protocol, string? expected)
    {
        var request = await S3Requests.OfAsync("GET", "/bucket/key");
        if (protocol is not null) request.Http.Features.Set<ITlsHandshakeFeature>(new Handshake(protocol.Value));
        Assert.Equal(expected, Value(Keys(request).Find("s3:tlsversion")));
    }

    [Theory]
    [InlineData("AES256")]
    [InlineData("AES256", "AES256")]
    [InlineData("aws:kms", "aws:kms")]
    [InlineData("aws:kms:dsse", "aws:kms:dsse")]
    [InlineData(null, "AES192")]
    [InlineData(null, "")]
    public async Task A_write_has_the_encryption_that_will_be_applied(string? expected, params string[] asked)
    {
        var request = await S3Requests.OfAsync("PUT", "/bucket/key", headers: [.. asked.Select(method => ("x-amz-server-side-encryption", method))]);
        Assert.Equal(expected, Value(Keys(request).Find("sse:effectiveencryption")));
        Assert.Null(Keys(request, S3Operation.GetObject).Find("sse:effectiveencryption"));
    }

    [Theory]
    [InlineData(true, "SSE-C")]
    [InlineData(false, null)]
    public async Task A_customers_key_is_applied_over_TLS_only(bool secure, string? expected)
    {
        var key = new byte[32];
        var request = await S3Requests.OfAsync("PUT", "/bucket/key", secure: secure, headers:
        [
            ("x-amz-server-side-encryption-customer-algorithm", "AES256"), ("x-amz-server-side-encryption-customer-key", Convert.ToBase64String(key)),
            ("x-amz-server-side-encryption-customer-key-MD5", Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(key))),
        ]);
        Assert.Equal(expected, Value(Keys(request).Find("sse:effectiveencryption")));
    }

    [Theory]
    [InlineData(S3Operation.PutObject, "true")]
    [InlineData(S3Operation.CopyObject, "true")]
    [InlineData(S3Operation.CompleteMultipartUpload, "true")]
    [InlineData(S3Operation.CreateMultipartUpload, "false")]
    [InlineData(S3Operation.UploadPart, "false")]
    [InlineData(S3Operation.DeleteObject, null)]
    [InlineData(S3Operation.GetObject, null)]
    public async Task A_write_tells_whether_it_makes_an_object_appear(S3Operation operation, string? expected) =>
        Assert.Equal(expected, Value(Keys(await S3Requests.OfAsync("PUT", "/bucket/key"), operation).Find("s3:objectcreationoperation")));

    [Theory]
    [InlineData(S3Operation.PutObject, true)]
    [InlineData(S3Operation.CreateMultipartUpload, true)]
    [InlineData(S3Operation.PutObjectTagging, true)]
    [InlineData(S3Operation.PostObject, true)]
    // Without the directive, the copy's tags are the source's, whatever the header says.
    [InlineData(S3Operation.CopyObject, false)]
    // Of a copy's source, which is judged as a GetObject of it, the request has none.
    [InlineData(S3Operation.GetObject, false)]
    // Only those that the upload was begun with count.
    [InlineData(S3Operation.UploadPart, false)]
    [InlineData(S3Operation.CompleteMultipartUpload, false)]
    public async Task Tags_of_a_write_are_keys(S3Operation operation, bool counts)
    {
        var keys = Keys(await S3Requests.OfAsync("PUT", "/bucket/key", headers: [("x-amz-tagging", "Team=red&team=blue&b=")]), operation);
        Assert.Equal(counts ? ["red", "blue"] : null, keys.Find("s3:requestobjecttag/team")?.ToArray());
        Assert.Equal(counts ? [""] : null, keys.Find("s3:requestobjecttag/b")?.ToArray());
        Assert.Equal(counts ? ["Team", "b", "team"] : null, keys.Find("s3:requestobjecttagkeys")?.ToArray());
        Assert.Null(keys.Find("s3:requestobjecttag/other"));
        Assert.Null(keys.Find("s3:existingobjecttag/team"));
    }

    [Fact]
    public async Task A_copy_that_replaces_the_tags_has_the_requests()
    {
        var request = await S3Requests.OfAsync("PUT", "/bucket/key", headers: [("x-amz-tagging", "team=red"), ("x-amz-tagging-directive", "REPLACE")]);
        Assert.Equal("red", Value(Keys(request, S3Operation.CopyObject).Find("s3:requestobjecttag/team")));
    }

    [Fact]
    public async Task Tags_that_will_be_refused_are_no_keys_and_none_have_no_names()
    {
        foreach (var header in (string[])["team=red&team=red", "team=red&aws:x=y", ""])
        {
            var keys = Keys(await S3Requests.OfAsync("PUT", "/bucket/key", headers: [("x-amz-tagging", header)]));
            Assert.Null(keys.Find("s3:requestobjecttag/team"));
            Assert.Null(keys.Find("s3:requestobjecttagkeys"));
        }
    }

    [Fact]
    public async Task What_was_found_for_the_request_is_what_its_keys_say()
    {
        var request = await S3Requests.OfAsync("PUT", "/bucket");
        var keys = new S3ConditionKeys(S3Operation.CreateBucket, request, null, S3Requests.Now, Global(request, null))
        {
            NamedKeyArn = "arn:named",
            UsedKeyArn = "arn:used",
            Location = "eu-central-1",
        };
        Assert.Equal(("arn:named", "arn:used", "eu-central-1", null), (Value(keys.Find("s3:x-amz-server-side-encryption-aws-kms-key-id")),
            Value(keys.Find("sse:effectivekeyarn")), Value(keys.Find("s3:locationconstraint")), Value(keys.Find("s3:resourceaccount"))));
        keys = new(S3Operation.CreateBucket, request, null, S3Requests.Now, Global(request, null));
        foreach (var key in (string[])["s3:x-amz-server-side-encryption-aws-kms-key-id", "sse:effectivekeyarn", "s3:locationconstraint", "s3:unknown"]) Assert.Null(keys.Find(key));
    }

    private static async Task<string?> FindAsync(string key, string query = "", (string, string)[]? headers = null) =>
        Value(Keys(await S3Requests.OfAsync("PUT", "/bucket/key", query, headers)).Find(key));

    private static S3ConditionKeys Keys(S3Request request, S3Operation operation = S3Operation.PutObject) =>
        new(operation, request, Bucket, S3Requests.Now, Global(request, S3Requests.Account));

    private static GlobalConditionKeys Global(S3Request request, string? account) => new(request.Caller, Bucket.Region, S3Requests.Now, account);

    /// <summary>The one value of a key that is there; null is a key that is not.</summary>
    private static string? Value(StringValues? found) => found is { } values ? Assert.Single(values) : null;

    private sealed class Handshake(SslProtocols protocol) : ITlsHandshakeFeature
    {
        public SslProtocols Protocol => protocol;

#pragma warning disable SYSLIB0058 // The interface has them.
        public CipherAlgorithmType CipherAlgorithm => default;

        public int CipherStrength => 0;

        public HashAlgorithmType HashAlgorithm => default;

        public int HashStrength => 0;

        public ExchangeAlgorithmType KeyExchangeAlgorithm => default;

        public int KeyExchangeStrength => 0;
#pragma warning restore SYSLIB0058
    }
}
