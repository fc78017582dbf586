namespace Serverless.Keys.Tests;

public sealed class RotationOptionsTests
{
    private static readonly DateTimeOffset Created = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(89.99, 99, false)]
    [InlineData(90, 0, true)]
    [InlineData(1000, 0, true)]
    [InlineData(0, 100, true)]
    [InlineData(0, 101, true)]
    [InlineData(-1, 0, false)]
    [InlineData(-1, 100, true)]
    public void A_version_is_due_at_its_age_or_its_count_of_wraps(double days, long wraps, bool due) =>
        Assert.Equal(due, new RotationOptions { MasterKeyMaxWraps = 100 }.IsDue(Created.AddDays(days), Created, wraps));

    [Fact]
    public void The_defaults_are_90_days_and_2_to_the_30_wraps()
    {
        var options = new RotationOptions();
        Assert.Equal((90, 1L << 30), (options.MasterKeyMaxAgeDays, options.MasterKeyMaxWraps));
    }
}
