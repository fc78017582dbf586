using Serverless.Objects.Buckets;

namespace Serverless.Objects.Tests;

public class BucketNameTests
{
    [Theory]
    [InlineData("abc")]
    [InlineData("my.bucket-1")]
    [InlineData("1.2.3.4.5")]
    [InlineData("a-.b")]
    [InlineData("012345678901234567890123456789012345678901234567890123456789012")]
    public void A_name_by_the_rules_is_taken(string name) => Assert.True(BucketName.IsValid(name));

    [Theory]
    [InlineData("ab")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("Abc")]
    [InlineData("a_b")]
    [InlineData("-abc")]
    [InlineData("abc.")]
    [InlineData("a..b")]
    [InlineData("192.168.5.4")]
    [InlineData("xn--abc")]
    [InlineData("sthree-abc")]
    [InlineData("abc-s3alias")]
    [InlineData("abc--ol-s3")]
    [InlineData("admin")]
    [InlineData("runtime")]
    [InlineData("_health")]
    public void A_name_against_the_rules_or_of_the_hosts_own_is_refused(string name) => Assert.False(BucketName.IsValid(name));
}
