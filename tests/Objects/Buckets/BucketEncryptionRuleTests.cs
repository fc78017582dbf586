using System.Text;
using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Tests;

public class BucketEncryptionRuleTests
{
    private const string S3 = "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>";

    [Theory]
    [InlineData(S3, EncryptionMode.S3, null, false, null)]
    [InlineData($"{S3}<BucketKeyEnabled>true</BucketKeyEnabled>", EncryptionMode.S3, null, true, null)]
    [InlineData("<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes>", EncryptionMode.S3, null, false, true)]
    [InlineData($"{S3}<BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes>", EncryptionMode.S3, null, false, false)]
    [InlineData($"{S3}<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes>", EncryptionMode.S3, null, false, true)]
    [InlineData("<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID/></ApplyServerSideEncryptionByDefault>", EncryptionMode.S3, null, false, null)]
    [InlineData("<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>", EncryptionMode.Kms, null, false, null)]
    [InlineData("<BucketKeyEnabled>true</BucketKeyEnabled><ApplyServerSideEncryptionByDefault><KMSMasterKeyID>not a key</KMSMasterKeyID><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>",
        EncryptionMode.Kms, "not a key", true, null)]
    [InlineData("<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms:dsse</SSEAlgorithm><KMSMasterKeyID>alias/a</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>",
        EncryptionMode.DoubleKms, "alias/a", false, null)]
    public void A_rule_says_mode_key_bucket_key_and_block(string rule, EncryptionMode mode, string? keyId, bool bucketKey, bool? blocks)
    {
        Assert.Equal(new(new(mode, keyId, bucketKey), blocks), Read($"<ServerSideEncryptionConfiguration xmlns=\"{S3Xml.Namespace}\"><Rule>{rule}</Rule></ServerSideEncryptionConfiguration>"));
        Assert.Equal(new(new(mode, keyId, bucketKey), blocks), Read($"<ServerSideEncryptionConfiguration><Rule>{rule}</Rule></ServerSideEncryptionConfiguration>"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<Other/>")]
    [InlineData("<ServerSideEncryptionConfiguration/>")]
    [InlineData("<ServerSideEncryptionConfiguration><Rule/></ServerSideEncryptionConfiguration>")]
    [InlineData($"<ServerSideEncryptionConfiguration><Rule>{S3}</Rule><Rule>{S3}</Rule></ServerSideEncryptionConfiguration>")]
    [InlineData($"<ServerSideEncryptionConfiguration><Rule>{S3}</Rule><Other/></ServerSideEncryptionConfiguration>")]
    [InlineData($"<ServerSideEncryptionConfiguration><Rule>{S3}<Other/></Rule></ServerSideEncryptionConfiguration>")]
    [InlineData($"<ServerSideEncryptionConfiguration><Rule>{S3}{S3}</Rule></ServerSideEncryptionConfiguration>")]
    [InlineData($"<ServerSideEncryptionConfiguration><Rule>{S3}<BucketKeyEnabled>perhaps</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>")]
    [InlineData("<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault/></Rule></ServerSideEncryptionConfiguration>")]
    [InlineData("<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES128</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>")]
    [InlineData($"<ServerSideEncryptionConfiguration><Rule>{S3}<BlockedEncryptionTypes><EncryptionType>SSE-KMS</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>")]
    [InlineData($"<ServerSideEncryptionConfiguration><Rule>{S3}<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>")]
    [InlineData($"<ServerSideEncryptionConfiguration><Rule>{S3}<BlockedEncryptionTypes><Other>NONE</Other></BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>")]
    public void Any_other_document_is_malformed(string document) => Assert.Equal(S3Errors.MalformedXml, Assert.Throws<S3Exception>(() => Read(document)).Error);

    [Fact]
    public void A_key_goes_with_KMS_alone()
    {
        var error = Assert.Throws<S3Exception>(() => Read(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>a</KMSMasterKeyID>"
            + "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>")).Error;
        Assert.Equal("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse", error.Message);
        Assert.Equal([new("ArgumentName", "ApplyServerSideEncryptionByDefault")], error.Fields);
    }

    [Fact]
    public void A_list_of_nothing_to_block_is_refused()
    {
        var error = Assert.Throws<S3Exception>(() => Read($"<ServerSideEncryptionConfiguration><Rule>{S3}<BlockedEncryptionTypes/></Rule></ServerSideEncryptionConfiguration>")).Error;
        Assert.Equal(("InvalidArgument", 400), (error.Code, error.Status));
        Assert.Contains("must contain at least one encryption type", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_answered_says_the_same_when_it_is_put()
    {
        var bucket = new Bucket("bucket", "us-east-1", "container", DateTimeOffset.UnixEpoch, true);
        Assert.Equal(new(BucketEncryption.Initial, true), BucketEncryptionRule.Read(BucketEncryptionRule.Write(bucket)));
        foreach (var encryption in new BucketEncryption[] { new(EncryptionMode.Kms, "a key", true), new(EncryptionMode.DoubleKms, null, false) })
            Assert.Equal(new(encryption, false), BucketEncryptionRule.Read(BucketEncryptionRule.Write(bucket with { ConfiguredEncryption = encryption, BlocksCustomerKeys = false })));
    }

    private static BucketEncryptionRule Read(string document) => BucketEncryptionRule.Read(S3Xml.Parse(Encoding.UTF8.GetBytes(document)));
}
