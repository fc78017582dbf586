using System.Net;
using System.Security.Cryptography;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Errors;

/// <summary>What S3 answers to wrong SSE-C headers: status, code, message and argument of every case, and HEAD's status alone.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class CustomerKeyErrorTests(ServiceFixture service)
{
    private const string Sse = "x-amz-server-side-encryption";
    private const string Algorithm = $"{Sse}-customer-algorithm";
    private const string Key = $"{Sse}-customer-key";
    private const string KeyMd5 = $"{Sse}-customer-key-MD5";
    private const string Must = "Requests specifying Server Side Encryption with Customer provided keys must ";

    private static readonly CustomerKey Right = new(TestData.Bytes(32, seed: 10));
    private static readonly CustomerKey Wrong = new(TestData.Bytes(32, seed: 11));
    private static readonly CustomerKey Short = new(TestData.Bytes(10, seed: 12));

    private static readonly (string, string) Aes = (Algorithm, "AES256");
    private static readonly (string, string) WrongMd5 = (KeyMd5, Wrong.Md5);

    /// <summary>Headers that PUT refuses, in the order in which they are judged.</summary>
    public static TheoryData<string, (string, string)[], string, string, string?> OnWrites() => new()
    {
        { "SSE beside", [.. Right.Headers, (Sse, "AES256")], "InvalidArgument", "Server Side Encryption with Customer provided key is incompatible with the encryption method specified", "AES256" },
        { "SSE beside, and no algorithm", [Right.KeyHeader, (Sse, "aws:kms")], "InvalidArgument", "Server Side Encryption with Customer provided key is incompatible with the encryption method specified", "aws:kms" },
        { "key without algorithm", [Right.KeyHeader, (KeyMd5, Right.Md5)], "InvalidArgument", Must + "provide a valid encryption algorithm.", null },
        { "MD5 without algorithm", [(KeyMd5, Right.Md5)], "InvalidArgument", Must + "provide a valid encryption algorithm.", null },
        { "another algorithm", [(Algorithm, "AES192"), Right.KeyHeader, (KeyMd5, Right.Md5)], "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256.", "AES192" },
        { "another algorithm, and no key", [(Algorithm, "aes256")], "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256.", "aes256" },
        { "algorithm without key", [Aes], "InvalidArgument", Must + "provide an appropriate secret key.", null },
        { "algorithm and MD5 without key", [Aes, (KeyMd5, Right.Md5)], "InvalidArgument", Must + "provide an appropriate secret key.", null },
        { "no MD5", [Aes, Right.KeyHeader], "InvalidArgument", Must + "provide the client calculated MD5 of the secret key.", null },
        { "wrong MD5", [Aes, Right.KeyHeader, WrongMd5], "InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided.", null },
        { "wrong MD5 of a short key", [Aes, Short.KeyHeader, WrongMd5], "InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided.", null },
    };

    /// <summary>Keys that are not 32 bytes, which a write refuses so.</summary>
    public static TheoryData<string, (string, string)[]> WrongSizes() => new()
    {
        { "10 bytes", Short.Headers },
        { "33 bytes", new CustomerKey(TestData.Bytes(33)).Headers },
        { "encoded twice", new CustomerKey(System.Text.Encoding.ASCII.GetBytes(Right.Base64)).Headers },
    };

    [Theory]
    [MemberData(nameof(OnWrites))]
    public async Task A_write_with_wrong_headers_is_refused_and_leaves_no_object(string name, (string, string)[] headers, string code, string message, string? value)
    {
        var bucket = await service.NewBucketAsync();
        Judge(await service.Https.SendAsync(RawRequest.Put(bucket, name, "body"u8.ToArray(), headers)), 400, code, message, value);
        (await service.Https.SendAsync(RawRequest.Head(bucket, name))).MustBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [MemberData(nameof(WrongSizes))]
    public async Task A_write_with_a_key_of_another_size_is_refused(string name, (string, string)[] headers)
    {
        var bucket = await service.NewBucketAsync();
        var put = await service.Https.SendAsync(RawRequest.Put(bucket, name, "body"u8.ToArray(), headers));
        Judge(put, 400, "InvalidArgument", "The secret key was invalid for the specified algorithm.", null);
    }

    /// <summary>The same headers on a read are judged the same, save that SSE is not allowed there at all.</summary>
    [Theory]
    [MemberData(nameof(OnWrites))]
    public async Task A_read_with_wrong_headers_is_refused(string name, (string, string)[] headers, string code, string message, string? value)
    {
        if (name.StartsWith("SSE beside", StringComparison.Ordinal)) (code, message, value) = (null!, null!, null);
        var bucket = await PutAsync();
        var get = await service.Https.SendAsync(RawRequest.Get(bucket, "object", headers));
        if (code is null) get.MustBe(HttpStatusCode.BadRequest);
        else Judge(get, 400, code, message, value);
        await HeadIsAsync(bucket, 400, headers);
    }

    [Theory]
    [MemberData(nameof(WrongSizes))]
    public async Task A_read_with_a_key_of_another_size_is_one_with_a_wrong_key(string name, (string, string)[] headers)
    {
        var bucket = await PutAsync(name);
        var get = await service.Https.SendAsync(RawRequest.Get(bucket, name, headers));
        Assert.Equal(("AccessDenied", Must + "provide the correct secret key."), (get.MustBe(HttpStatusCode.Forbidden).ErrorCode, get.ErrorField("Message")));
        Assert.Equal(HttpStatusCode.Forbidden, (await service.Https.SendAsync(RawRequest.Head(bucket, name, headers))).Status);
    }

    [Fact]
    public async Task A_read_with_another_key_is_denied()
    {
        var bucket = await PutAsync();
        (await service.Https.SendAsync(RawRequest.Get(bucket, "object", Wrong.Headers))).MustBeError(403, "AccessDenied", Must + "provide the correct secret key.");
        await HeadIsAsync(bucket, 403, Wrong.Headers);
    }

    [Fact]
    public async Task A_read_without_the_key_is_refused()
    {
        var bucket = await PutAsync();
        (await service.Https.SendAsync(RawRequest.Get(bucket, "object"))).MustBeError(400, "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.");
        await HeadIsAsync(bucket, 400);
    }

    [Theory]
    [InlineData("AES256")]
    [InlineData("aws:kms")]
    public async Task A_key_for_an_object_of_another_mode_is_refused(string mode)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Https.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray(), (Sse, mode)))).MustBe(HttpStatusCode.OK);
        (await service.Https.SendAsync(RawRequest.Get(bucket, "object", Right.Headers)))
            .MustBeError(400, "InvalidRequest", "The encryption parameters are not applicable to this object.");
        await HeadIsAsync(bucket, 400, Right.Headers);
    }

    [Fact]
    public async Task Plain_http_is_refused_before_anything_else()
    {
        var bucket = await PutAsync();
        (string, string)[] nonsense = [(Algorithm, "nonsense"), (Sse, "AES256")];
        foreach (var headers in new[] { Right.Headers, nonsense })
        {
            (await service.Http.SendAsync(RawRequest.Put(bucket, "other", "body"u8.ToArray(), headers))).MustBeError(400, "InvalidRequest", Must + "be made over a secure connection.");
        }
        (await service.Http.SendAsync(RawRequest.Get(bucket, "object", Right.Headers))).MustBeError(400, "InvalidRequest", Must + "be made over a secure connection.");
        var head = await service.Http.SendAsync(RawRequest.Head(bucket, "object", Right.Headers));
        Assert.Equal((HttpStatusCode.BadRequest, 0), (head.Status, head.Body.Length));
        (await service.Http.SendAsync(RawRequest.Head(bucket, "other"))).MustBe(HttpStatusCode.NotFound);
    }

    private async Task<string> PutAsync(string key = "object")
    {
        var bucket = await service.NewBucketAsync();
        (await service.Https.SendAsync(RawRequest.Put(bucket, key, "body"u8.ToArray(), Right.Headers))).MustBe(HttpStatusCode.OK);
        return bucket;
    }

    private async Task HeadIsAsync(string bucket, int status, params (string, string)[] headers)
    {
        var head = await service.Https.SendAsync(RawRequest.Head(bucket, "object", headers));
        Assert.Equal((status, 0), ((int)head.Status, head.Body.Length));
    }

    private static void Judge(RawAnswer answer, int status, string code, string message, string? value)
    {
        answer.MustBeError(status, code, message);
        Assert.Equal(Sse, answer.ErrorField("ArgumentName"));
        Assert.Equal(value, answer.ErrorField("ArgumentValue"));
        Assert.DoesNotContain(Right.Base64, answer.Text, StringComparison.Ordinal);
    }
}
