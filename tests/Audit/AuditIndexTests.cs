using CsCheck;

namespace Serverless.Audit.Tests;

public sealed class AuditIndexTests
{
    private static readonly DateOnly Day = new(2026, 3, 4);

    [Fact]
    public void Every_value_makes_a_key_that_Azure_takes() =>
        Gen.String[Gen.Char, 0, 2000].Sample(value =>
        {
            var key = AuditIndex.PlaceOf(new(LookupKey.ResourceName, value)).Value;
            // https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#characters-disallowed-in-key-fields
            Assert.DoesNotContain(key, character => character is '!' or '/' or '\\' or '#' or '?' or '%' || char.IsControl(character) || character > '~');
            Assert.True(key.Length <= 128);
        });

    [Fact]
    public void Different_values_attributes_and_days_have_different_rows()
    {
        string[] values = ["a", "A", "a/b", "a\\b", "a_b", "~a", "a~", "a!", "a!2516800000000000000_a9dea4f9-8395-46c0-942c-f509c02c2b71", "", " ", "_20260304", "é", new('x', 100), new('x', 101), new('x', 102)];
        string[] places =
        [
            .. from value in values
               from key in Enum.GetValues<LookupKey>()
               from day in new[] { Day, Day.AddDays(1) }
               select AuditIndex.PlaceOf(new(key, value)) is var place ? place.Partition(day) + "/" + place.Value : "",
        ];

        Assert.Equal(places.Length, places.Distinct().Count());
    }

    [Fact]
    public void Keys_put_newer_records_first_and_lie_between_the_bounds_of_their_time() =>
        Gen.Select(Gen.Long[1, DateTime.MaxValue.Ticks], Gen.Long[1, DateTime.MaxValue.Ticks]).Sample((ticks, other) =>
        {
            var key = AuditKey.Position(Record(ticks));
            Assert.True(AuditKey.TryGetTicks(key, out var read));
            Assert.Equal(ticks, read);
            Assert.True(string.CompareOrdinal(AuditKey.At(ticks), key) < 0 && string.CompareOrdinal(key, AuditKey.Before(ticks)) < 0);
            if (other != ticks) Assert.Equal(other > ticks, string.CompareOrdinal(AuditKey.Position(Record(other)), key) < 0);
            if (other != ticks) Assert.Equal(other < ticks, string.CompareOrdinal(AuditKey.At(other), key) > 0);
        });

    [Theory]
    [InlineData("")]
    [InlineData("2516800000000000000")]
    [InlineData("2516800000000000000_a9dea4f9-8395-46c0-942c-f509c02c2b7")]
    [InlineData("251680000000000000x_a9dea4f9-8395-46c0-942c-f509c02c2b71")]
    [InlineData("9999999999999999999_a9dea4f9-8395-46c0-942c-f509c02c2b71")]
    [InlineData("-516800000000000000_a9dea4f9-8395-46c0-942c-f509c02c2b71")]
    public void What_is_no_position_has_no_time(string position) => Assert.False(AuditKey.TryGetTicks(position, out _));

    private static AuditRecord Record(long ticks) => AuditRecord.Parse(ticks,
        """{"eventID":"a9dea4f9-8395-46c0-942c-f509c02c2b71","eventName":"x","eventSource":"x","readOnly":true,"userIdentity":{"type":"x","accountId":"x"}}"""u8.ToArray());
}
