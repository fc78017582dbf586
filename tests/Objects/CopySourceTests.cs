using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tests;

public class CopySourceTests
{
    private static readonly DateTimeOffset Modified = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = Modified.AddHours(1);

    [Theory]
    [InlineData("bucket/key", "key")]
    [InlineData("/bucket/key", "key")]
    [InlineData("bucket/a/b/", "a/b/")]
    [InlineData("bucket//a", "/a")]
    [InlineData("bucket/a%20b", "a b")]
    [InlineData("bucket/a+b", "a b")]
    [InlineData("bucket/a%2Bb", "a+b")]
    [InlineData("bucket/a%252Fb", "a%2Fb")]
    [InlineData("bucket%2Fa%2fb", "a/b")]
    [InlineData("%2Fbucket%2Fa", "a")]
    [InlineData("bucket/%3Fa", "?a")]
    [InlineData("bucket/%E2%82%AC", "€")]
    [InlineData("bucket/a/../b", "a/../b")]
    public void A_source_is_a_bucket_and_a_key(string header, string key) => Assert.Equal(new("bucket", key), CopySource.Parse(header));

    [Theory]
    [InlineData("", "Invalid copy source bucket name")]
    [InlineData("/", "Invalid copy source bucket name")]
    [InlineData("//key", "Invalid copy source bucket name")]
    [InlineData("B/key", "Invalid copy source bucket name")]
    [InlineData("arn:aws:s3:us-east-1:000000000000:accesspoint/a/object/key", "Invalid copy source bucket name")]
    [InlineData("bucket", "Invalid copy source object key")]
    [InlineData("bucket/", "Invalid copy source object key")]
    [InlineData("bucket/%zz", "Invalid copy source encoding.")]
    [InlineData("bucket/%FF", "Invalid copy source encoding.")]
    [InlineData("bucket/é", "Invalid copy source encoding.")]
    [InlineData("bucket/a?versionId=%", "Invalid copy source encoding.")]
    public void Anything_else_is_refused(string header, string message)
    {
        var error = Assert.Throws<S3Exception>(() => CopySource.Parse(header)).Error;
        Assert.Equal(("InvalidArgument", 400, message), (error.Code, error.Status, error.Message));
        Assert.Equal([new("ArgumentName", "x-amz-copy-source"), new("ArgumentValue", "x-amz-copy-source")], error.Fields);
    }

    [Theory]
    [InlineData("bucket/key?versionId=3sL4kqtJlcpXroDTDmJ", "Invalid version id specified")]
    [InlineData("bucket/key?versionId=", "Version id cannot be the empty string")]
    public void A_version_that_there_cannot_be_is_refused(string header, string message) =>
        Assert.Equal(message, Assert.Throws<S3Exception>(() => CopySource.Parse(header)).Error.Message);

    [Theory]
    [InlineData("bucket/key", null)]
    [InlineData("bucket/key?versionId=null", "null")]
    [InlineData("bucket/key?other=1&versionId=701122334455667700112233445566778899aabbccddeeff", "701122334455667700112233445566778899aabbccddeeff")]
    public void A_version_may_be_named(string header, string? version) => Assert.Equal(version, CopySource.Parse(header).NamedVersion);

    [Fact]
    public void A_key_that_is_too_long_is_refused_as_in_a_path() =>
        Assert.Equal("KeyTooLongError", Assert.Throws<S3Exception>(() => CopySource.Parse("bucket/" + new string('k', 1025))).Error.Code);

    [Fact]
    public void Every_key_survives_its_encoding() => Gen.String[Gen.Char.Where(c => !char.IsSurrogate(c)), 1, 100].Sample(key =>
        Assert.Equal(new("bucket", key), CopySource.Parse("/bucket/" + string.Concat(Encoding.UTF8.GetBytes(key).Select(b => $"%{b:X2}")))));

    /// <summary>If-Match, If-None-Match, hours since the modification of If-Modified-Since and If-Unmodified-Since; which condition fails. Recorded of UploadPartCopy.</summary>
    [Theory]
    [InlineData(null, null, null, null, null)]
    [InlineData("etag", null, null, null, null)]
    [InlineData("other", null, null, null, "If-Match")]
    [InlineData("etag", null, null, -1.0, null)]
    [InlineData(null, "other", null, null, null)]
    [InlineData(null, "etag", null, null, "If-None-Match")]
    [InlineData(null, "etag", -1.0, null, "If-None-Match")]
    [InlineData(null, "etag", null, -1.0, "If-Unmodified-Since")]
    [InlineData(null, null, null, -1.0, "If-Unmodified-Since")]
    [InlineData(null, null, null, 0.5, null)]
    [InlineData(null, null, -1.0, null, null)]
    [InlineData(null, null, 0.5, null, "If-Modified-Since")]
    [InlineData(null, null, 2.0, null, null)]
    public void Its_conditions_fail_with_412_and_name_the_header(string? ifMatch, string? ifNoneMatch, double? modifiedSince, double? unmodifiedSince, string? failed)
    {
        var headers = new HeaderDictionary();
        if (ifMatch is not null) headers["x-amz-copy-source-if-match"] = $"\"{ifMatch}\"";
        if (ifNoneMatch is not null) headers["x-amz-copy-source-if-none-match"] = ifNoneMatch;
        if (modifiedSince is { } since) headers["x-amz-copy-source-if-modified-since"] = Modified.AddHours(since).ToString("r");
        if (unmodifiedSince is { } until) headers["x-amz-copy-source-if-unmodified-since"] = Modified.AddHours(until).ToString("r");

        var error = Preconditions.ReadCopySource(headers).JudgeCopySource("etag", Modified, Now);
        Assert.Equal(failed is null ? null : $"PreconditionFailed 412 x-amz-copy-source-{failed}", error is null ? null : $"{error.Code} {error.Status} {error.Fields.Single().Value}");
    }
}
