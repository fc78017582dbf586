using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Tests;

public class CopyInPlaceTests
{
    private static readonly BucketEncryption Kms = new(EncryptionMode.Kms, null, true);

    /// <summary>What the request says, the bucket's configured default, how the object is encrypted, and whether it may be copied onto itself (recorded).</summary>
    public static TheoryData<CopyInPlace, BucketEncryption?, EncryptionMode, bool> Table => new()
    {
        { new(false, false, false, false), null, EncryptionMode.S3, false },
        { new(true, false, false, false), null, EncryptionMode.S3, true },
        { new(false, true, false, false), null, EncryptionMode.S3, true },
        { new(false, false, true, false), null, EncryptionMode.S3, true },
        { new(false, false, false, true), null, EncryptionMode.S3, true },
        { new(false, false, false, false), BucketEncryption.Initial, EncryptionMode.S3, true },
        { new(false, false, false, false), Kms, EncryptionMode.S3, true },
        { new(false, false, false, false), Kms, EncryptionMode.Kms, true },
        { new(false, false, false, false), null, EncryptionMode.Kms, true },
        { new(false, false, false, false), null, EncryptionMode.DoubleKms, true },
        { new(false, false, false, false), null, EncryptionMode.Customer, true },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void An_object_is_copied_onto_itself_where_it_may_come_out_another(CopyInPlace copy, BucketEncryption? configured, EncryptionMode source, bool legal) =>
        Assert.Equal(legal, copy.IsLegal(configured, source));

    [Theory]
    [InlineData(null)]
    [InlineData("COPY")]
    public void Metadata_are_the_sources_but_for_the_redirect_which_is_the_requests(string? directive)
    {
        var source = ObjectStoreContract.Describe() with
        {
            Headers = new() { ["Content-Type"] = "text/plain", ["Cache-Control"] = "no-store", ["x-amz-website-redirect-location"] = "/old" },
            UserMetadata = new() { ["name"] = "source's" },
        };
        var headers = new HeaderDictionary { ["Content-Type"] = "image/png", ["x-amz-meta-name"] = "request's" };
        if (directive is not null) headers["x-amz-metadata-directive"] = directive;
        var copied = CopyMetadata.Read(headers);
        Assert.Equal(new Dictionary<string, string> { ["Content-Type"] = "text/plain", ["Cache-Control"] = "no-store" }, copied.HeadersOf(source));
        Assert.Equal(source.UserMetadata, copied.UserMetadataOf(source));

        headers["x-amz-website-redirect-location"] = "/new";
        Assert.Equal("/new", CopyMetadata.Read(headers).HeadersOf(source)["x-amz-website-redirect-location"]);
        Assert.Equal("/old", source.Headers["x-amz-website-redirect-location"]);
    }

    [Fact]
    public void Metadata_that_are_replaced_are_the_requests_alone()
    {
        var source = ObjectStoreContract.Describe() with { Headers = new() { ["Cache-Control"] = "no-store", ["Content-Type"] = "text/plain" } };
        var headers = new HeaderDictionary { ["x-amz-metadata-directive"] = "REPLACE", ["x-amz-meta-Name"] = "request's", ["Content-Language"] = "rm" };
        var replaced = CopyMetadata.Read(headers);
        Assert.Equal(new Dictionary<string, string> { ["Content-Language"] = "rm", ["Content-Type"] = "binary/octet-stream" }, replaced.HeadersOf(source));
        Assert.Equal(new Dictionary<string, string> { ["name"] = "request's" }, replaced.UserMetadataOf(source));
    }

    [Theory]
    [InlineData("x-amz-metadata-directive", "Unknown metadata directive.")]
    [InlineData("x-amz-tagging-directive", "Unknown tagging directive.")]
    public void An_unknown_directive_is_refused(string header, string message)
    {
        var error = Assert.Throws<S3Exception>(() => CopyMetadata.Read(new HeaderDictionary { [header] = "MERGE" })).Error;
        Assert.Equal(("InvalidArgument", message), (error.Code, error.Message));
        Assert.Equal([new("ArgumentName", header), new("ArgumentValue", "MERGE")], error.Fields);
    }
}
