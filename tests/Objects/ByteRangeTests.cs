using Serverless.Objects.Api;

namespace Serverless.Objects.Tests;

public class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=3-", 3, 7)]
    [InlineData("bytes=-4", 6, 4)]
    [InlineData("bytes=-100", 0, 10)]
    [InlineData("bytes=9-100", 9, 1)]
    [InlineData("bytes=0-9223372036854775807", 0, 10)]
    public void A_range_is_cut_to_the_object(string header, long offset, long count) =>
        Assert.Equal((offset, count), ByteRange.Parse(header)!.Value.Resolve(10));

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=100-200")]
    [InlineData("bytes=-0")]
    public void A_range_behind_the_object_is_not_satisfiable(string header) => Assert.Null(ByteRange.Parse(header)!.Value.Resolve(10));

    [Theory]
    [InlineData("bytes=-5")]
    [InlineData("bytes=0-")]
    public void No_range_of_an_empty_object_is_satisfiable(string header) => Assert.Null(ByteRange.Parse(header)!.Value.Resolve(0));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=1-0")]
    [InlineData("bytes=0--1")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("items=0-1")]
    [InlineData("bytes=99999999999999999999-")]
    public void A_header_of_another_form_is_ignored(string? header) => Assert.Null(ByteRange.Parse(header));
}
