using Serverless.Objects.Buckets;

namespace Serverless.Objects.Tests.Buckets;

public class AwsRegionTests
{
    [Theory]
    [InlineData("eu-central-1", true)]
    [InlineData("us-gov-west-1", true)]
    [InlineData("eu-central-1\n", false)]
    [InlineData("\neu-central-1", false)]
    [InlineData("eu-central", false)]
    [InlineData("EU-CENTRAL-1", false)]
    [InlineData("", false)]
    public void A_Region_has_a_form_and_nothing_behind_it(string name, bool wellFormed) => Assert.Equal(wellFormed, AwsRegion.IsWellFormed(name));
}
