using System.Globalization;
using System.Net;
using Serverless.EndToEnd.Clients;

namespace Serverless.EndToEnd.Story;

/// <summary>That the service follows the test's clock: what the story rests on.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task The_service_lives_at_the_time_that_the_test_says()
    {
        await using var world = await StoryWorld.BeginAsync();
        (await world.SendAsync(new RawRequest("PUT", "/clock"))).MustBe(HttpStatusCode.OK);
        await world.AdvanceAsync(TimeSpan.FromDays(365));
        (await world.SendAsync(RawRequest.Put("clock", "key", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        var modified = (await world.SendAsync(RawRequest.Head("clock", "key"))).MustBe(HttpStatusCode.OK)["last-modified"]!;
        Assert.InRange(DateTimeOffset.Parse(modified, CultureInfo.InvariantCulture), world.Now.AddMinutes(-5), world.Now);
    }
}
