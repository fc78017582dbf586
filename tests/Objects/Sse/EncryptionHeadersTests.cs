using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Tests;

public class EncryptionHeadersTests
{
    private const string CustomerKeys = "Requests specifying Server Side Encryption with Customer provided keys must ";
    private const string Malformed =
        "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map";

    private static readonly byte[] Key = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray();

    /// <summary>Headers (algorithm, key, MD5; null leaves one out), other method, transport; and the recorded answer to a write.</summary>
    public static TheoryData<string?, string?, string?, string?, bool, string, string> CustomerErrors => new()
    {
        { "AES256", B64(Key), Md5(Key), null, false, "InvalidRequest", CustomerKeys + "be made over a secure connection." },
        { "AES256", B64(Key), Md5(Key), "AES256", true, "InvalidArgument", "Server Side Encryption with Customer provided key is incompatible with the encryption method specified" },
        { null, B64(Key), Md5(Key), null, true, "InvalidArgument", CustomerKeys + "provide a valid encryption algorithm." },
        { null, null, Md5(Key), null, true, "InvalidArgument", CustomerKeys + "provide a valid encryption algorithm." },
        { "", B64(Key), Md5(Key), null, true, "InvalidArgument", CustomerKeys + "provide a valid encryption algorithm." },
        { "KMS", B64(Key), Md5(Key), null, true, "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256." },
        { "AES256", null, null, null, true, "InvalidArgument", CustomerKeys + "provide an appropriate secret key." },
        { "AES256", B64(Key), null, null, true, "InvalidArgument", CustomerKeys + "provide the client calculated MD5 of the secret key." },
        { "AES256", B64(Key), Md5([1]), null, true, "InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided." },
        { "AES256", B64(Key[..10]), Md5([1]), null, true, "InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided." },
        { "AES256", B64(Key[..10]), Md5(Key[..10]), null, true, "InvalidArgument", "The secret key was invalid for the specified algorithm." },
        { "AES256", "***", Md5(Key), null, true, "InvalidArgument", "The secret key was invalid for the specified algorithm." },
        { "AES256", new string('A', 4000), Md5(Key), null, true, "InvalidArgument", "The secret key was invalid for the specified algorithm." },
    };

    [Theory]
    [MemberData(nameof(CustomerErrors))]
    public void A_wrong_customer_key_is_refused_as_recorded(
        string? algorithm, string? key, string? md5, string? otherMethod, bool secure, string code, string message)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in ((string, string?)[])
            [(SseHeaders.CustomerAlgorithm, algorithm), (SseHeaders.CustomerKey, key), (SseHeaders.CustomerKeyMd5, md5), (SseHeaders.Algorithm, otherMethod)])
        {
            if (value is not null) headers[name] = value;
        }
        var refused = Assert.Throws<S3Exception>(() => RequestedEncryption.Read(headers, secure)).Error;
        Assert.Equal((code, message, 400), (refused.Code, refused.Message, refused.Status));
        if (code != "InvalidRequest") Assert.Contains(new("ArgumentName", "x-amz-server-side-encryption"), refused.Fields);
        if (algorithm == "KMS") Assert.Contains(new("ArgumentValue", "KMS"), refused.Fields);
        if (key is not null) Assert.DoesNotContain(refused.Fields, field => field.Value.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public void A_right_customer_key_is_read_and_zeroed_after_use()
    {
        var requested = RequestedEncryption.Read(CustomerHeaders(Key), secureTransport: true);
        Assert.Equal(EncryptionMode.Customer, requested.Mode);
        Assert.Equal(Key, requested.CustomerKey!.Key!.Bytes.ToArray());
        Assert.Equal(Md5(Key), requested.CustomerKey.Md5);
        requested.Dispose();
        Assert.Throws<ObjectDisposedException>(() => requested.CustomerKey.Key.Bytes.Length);
    }

    [Fact]
    public void On_a_read_a_key_of_another_size_is_a_wrong_key_and_not_a_malformed_one()
    {
        using var key = RequestedEncryption.ReadForReading(CustomerHeaders(Key[..10]), secureTransport: true);
        Assert.Null(key!.Key);
    }

    [Fact]
    public void A_copys_source_has_a_key_of_its_own()
    {
        var source = Key.Reverse().ToArray();
        var headers = CustomerHeaders(Key);
        headers["x-amz-copy-source-server-side-encryption-customer-algorithm"] = "AES256";
        headers["x-amz-copy-source-server-side-encryption-customer-key"] = B64(source);
        headers["x-amz-copy-source-server-side-encryption-customer-key-MD5"] = Md5(source);
        using var target = RequestedEncryption.Read(headers, secureTransport: true);
        using var key = CustomerKey.ReadForCopySource(headers, secureTransport: true);
        Assert.Equal(Key, target.CustomerKey!.Key!.Bytes.ToArray());
        Assert.Equal(source, key!.Key!.Bytes.ToArray());

        headers["x-amz-copy-source-server-side-encryption-customer-algorithm"] = "KMS";
        Assert.Equal("InvalidEncryptionAlgorithmError", Assert.Throws<S3Exception>(() => CustomerKey.ReadForCopySource(headers, secureTransport: true)).Error.Code);
        Assert.Equal(SseErrors.InsecureTransport, Assert.Throws<S3Exception>(() => CustomerKey.ReadForCopySource(headers, secureTransport: false)).Error);
        Assert.Null(CustomerKey.ReadForCopySource(CustomerHeaders(Key), secureTransport: true));
    }

    [Theory]
    [InlineData("AES256", null, null, "S3")]
    [InlineData("aws:kms", null, null, "Kms")]
    [InlineData("aws:kms", "alias/mine", "true", "Kms")]
    [InlineData("aws:kms:dsse", "arn:aws:kms:us-east-1:000000000000:key/x", "false", "DoubleKms")]
    [InlineData(null, null, null, null)]
    public void A_method_is_the_mode(string? method, string? keyId, string? bucketKey, string? mode)
    {
        using var requested = RequestedEncryption.Read(Headers(method, keyId, null, bucketKey), secureTransport: false);
        Assert.Equal(mode, requested.Mode?.ToString());
        Assert.Equal(keyId, requested.KmsKeyId);
        Assert.Equal(bucketKey is null ? null : bool.Parse(bucketKey), requested.BucketKey);
    }

    [Theory]
    [InlineData("", null, null, "The encryption method specified is not supported")]
    [InlineData("AES512", null, null, "The encryption method specified is not supported")]
    [InlineData("aes256", null, null, "The encryption method specified is not supported")]
    [InlineData(null, "k", null, "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms")]
    [InlineData("AES256", "k", null, "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms")]
    [InlineData("aws:kms", null, "not base64", Malformed)]
    [InlineData("aws:kms", null, "bm90IGpzb24=", Malformed)]
    [InlineData("aws:kms", null, "WzFd", Malformed)]
    [InlineData("aws:kms", null, "eyJhIjoxfQ==", Malformed)]
    [InlineData("aws:kms", null, "eyJhIjpudWxsfQ==", Malformed)]
    [InlineData("aws:kms", null, "bnVsbA==", Malformed)]
    [InlineData("aws:kms", null, "eyJhIjoiMSIsImEiOiIyIn0=", Malformed)]
    public void A_wrong_method_key_or_context_is_refused(string? method, string? keyId, string? context, string message)
    {
        var refused = Assert.Throws<S3Exception>(() => RequestedEncryption.Read(Headers(method, keyId, context, null), secureTransport: true)).Error;
        Assert.Equal(("InvalidArgument", message, 400), (refused.Code, refused.Message, refused.Status));
    }

    [Fact]
    public void A_context_is_read_from_its_base64()
    {
        using var requested = RequestedEncryption.Read(Headers("aws:kms", null, B64("""{"b":"2","a":"ä"}"""u8.ToArray()), null), secureTransport: true);
        Assert.Equal([new("a", "ä"), new("b", "2")], requested.Context.Pairs);
    }

    [Theory]
    [InlineData(SseHeaders.Algorithm)]
    [InlineData(SseHeaders.KmsKeyId)]
    public void A_read_refuses_the_headers_of_writes(string header) => Assert.Equal(400,
        Assert.Throws<S3Exception>(() => RequestedEncryption.ReadForReading(new HeaderDictionary { [header] = "AES256" }, secureTransport: true)).Error.Status);

    internal static HeaderDictionary CustomerHeaders(byte[] key) => new()
    {
        [SseHeaders.CustomerAlgorithm] = "AES256",
        [SseHeaders.CustomerKey] = B64(key),
        [SseHeaders.CustomerKeyMd5] = Md5(key),
    };

    private static HeaderDictionary Headers(string? method, string? keyId, string? context, string? bucketKey)
    {
        var headers = new HeaderDictionary();
        if (method is not null) headers[SseHeaders.Algorithm] = method;
        if (keyId is not null) headers[SseHeaders.KmsKeyId] = keyId;
        if (context is not null) headers[SseHeaders.Context] = context;
        if (bucketKey is not null) headers[SseHeaders.BucketKeyEnabled] = bucketKey;
        return headers;
    }

    private static string B64(byte[] bytes) => Convert.ToBase64String(bytes);

    private static string Md5(byte[] bytes) => B64(MD5.HashData(bytes));
}
