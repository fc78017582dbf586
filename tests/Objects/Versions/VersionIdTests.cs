using CsCheck;
using Serverless.Objects.Api;
using Serverless.Objects.Versions;

namespace Serverless.Objects.Tests.Versions;

public sealed class VersionIdTests
{
    private static readonly Gen<DateTimeOffset> Times = Gen.Long[0, DateTime.MaxValue.Ticks - 1].Select(ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
    private static readonly Gen<byte[]> Ids = Gen.Byte.Array[16];

    [Fact]
    public void A_rank_tells_its_time_and_its_object_and_is_read_back() => Gen.Select(Times, Ids).Sample((time, id) =>
    {
        var rank = VersionRank.Of(time, id);
        Assert.Equal(VersionRank.Length, rank.Text.Length);
        Assert.True(VersionRank.TryParse(rank.Text, out var parsed));
        Assert.Equal((rank, time, true, false), (parsed, parsed.Time, parsed.IsOf(id), parsed.IsOf(new byte[15])));
        Assert.True(VersionId.TryParse(rank.Text, out var version));
        Assert.Equal((rank.Text, false), (version.ToString(), version.IsNull));
    });

    [Fact]
    public void Newer_ranks_come_first() => Gen.Select(Times, Times, Ids, Ids).Sample((first, second, a, b) =>
    {
        if (first == second) return;
        Assert.Equal(first < second, string.CompareOrdinal(VersionRank.Of(first, a).Text, VersionRank.Of(second, b).Text) > 0);
        Assert.Equal(first < second, VersionRank.Of(first, a).IsOlderThan(VersionRank.Of(second, b)));
    });

    [Fact]
    public void A_new_version_is_behind_the_one_before_it_whatever_the_clock_says() => Gen.Select(Times, Times, Ids, Ids).Sample((before, now, a, b) =>
    {
        var (older, rank) = (VersionRank.Of(before, a), VersionRank.Behind(VersionRank.Of(before, a), now, b));
        Assert.True(older.IsOlderThan(rank));
        Assert.Equal(now > before ? now : before.AddTicks(1), rank.Time);
        Assert.Equal(VersionRank.Of(now, b), VersionRank.Behind(null, now, b));
    });

    [Theory]
    [InlineData("")]
    [InlineData("NULL")]
    [InlineData("7011223344556677001122334455667788 99aabbccddeeff")]
    [InlineData("701122334455667700112233445566778899aabbccddeefF")]
    [InlineData("701122334455667700112233445566778899aabbccddeef")]
    [InlineData("701122334455667700112233445566778899aabbccddeeff0")]
    [InlineData("801122334455667700112233445566778899aabbccddeeff")]
    [InlineData("001122334455667700112233445566778899aabbccddeeff")]
    public void What_no_version_can_have_is_no_id(string text)
    {
        Assert.False(VersionId.TryParse(text, out _));
        Assert.Equal("InvalidArgument", Assert.Throws<S3Exception>(() => VersionId.Parse(text)).Error.Code);
    }

    [Fact]
    public void No_id_is_none_and_null_is_the_null_version()
    {
        Assert.Null(VersionId.Parse(null));
        Assert.Equal((VersionId.Null, "null", true), (VersionId.Parse("null"), VersionId.Null.ToString(), VersionId.Null.IsNull));
    }

    [Fact]
    public void What_was_written_without_versioning_or_while_it_was_suspended_is_the_null_version_and_has_its_place()
    {
        var before = ObjectStoreContract.Describe();
        var rank = VersionRank.Of(DateTimeOffset.UnixEpoch, before.Id);
        Assert.Equal((VersionId.Null, VersionRank.Of(before.LastModified, before.Id)), (before.VersionId, before.Rank));
        Assert.Equal((new VersionId(rank), rank), ((before with { Version = rank.Text }).VersionId, (before with { Version = rank.Text }).Rank));
        Assert.Equal((VersionId.Null, rank), ((before with { Version = rank.Text, IsNullVersion = true }).VersionId, (before with { Version = rank.Text, IsNullVersion = true }).Rank));
    }
}
