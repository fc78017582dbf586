using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Audit.Tests.Fakes;
using Serverless.Keys.Tests;
using Serverless.Objects.Admin;

namespace Serverless.Objects.Tests.Admin;

public sealed class VerifyAuditTrailTests : IDisposable
{
    private readonly World world = new();
    private readonly MemoryAuditStore store = new();
    private readonly MemoryDigestStore digests = new();
    private readonly MemoryAuditArchive archive = new();
    private readonly MemoryDigestKeys keys = new();
    private readonly AdminClient client;

    public VerifyAuditTrailTests() => client = new(world, new VerifyAuditTrail(new AuditVerifier(store, digests, keys, archive, world.Time)));

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_trail_without_records_is_valid_and_nothing_of_it_is_sealed() =>
        Assert.Equal("""{"Valid":true,"DigestCount":0,"RecordCount":0}""", (await client.AnswerAsync("VerifyAuditTrail")).ToJsonString());

    [Fact]
    public async Task A_sealed_trail_is_valid_until_its_end_and_a_digest_that_is_missing_is_named()
    {
        await SealAsync(TimeSpan.FromHours(30));
        // The clock began at 2026-03-01T12:00:00Z.
        Assert.Equal(
            """{"Valid":true,"ChainStartTime":1772366400,"StartTime":1772323200,"VerifiedUntil":1772470800,"SealedUntil":1772470800,"RetainedFrom":1737849600,"DigestCount":29,"RecordCount":1}""",
            (await client.AnswerAsync("VerifyAuditTrail", """{"StartTime":0,"EndTime":253402300799}""")).ToJsonString());

        digests.Digests.RemoveAt(7);
        var answer = await client.AnswerAsync("VerifyAuditTrail");
        Assert.False((bool)answer["Valid"]!);
        Assert.Equal("""{"Type":"DIGEST_MISSING","Hour":1772391600,"Detail":"There is no digest of 2026-03-01T19Z."}""", answer["Finding"]!.ToJsonString());
        Assert.Empty(world.Trail.Events);
    }

    [Theory]
    [InlineData("""{"StartTime":1772409600,"EndTime":1772323200}""", "ValidationException")]
    [InlineData("""{"NextToken":"x"}""", "ValidationException")]
    [InlineData("""{"NextToken":""}""", "ValidationException")]
    [InlineData("""{"StartTime":"yesterday"}""", "SerializationException")]
    [InlineData("""{"Start":0}""", "ValidationException")]
    public async Task What_makes_no_sense_is_refused(string body, string code) => await client.RefusalAsync(400, code, "VerifyAuditTrail", body);

    /// <summary>One record now, and all hours from now on until then.</summary>
    private async Task SealAsync(TimeSpan time)
    {
        await new AuditWriter(store, world.Time).WriteAsync(
            $$$$"""[{"ticks":{{{{world.Time.GetUtcNow().UtcTicks}}}},"record":{"eventID":"a9dea4f9-8395-46c0-942c-f509c02c2b71","eventName":"x","eventSource":"x","readOnly":true,"userIdentity":{"type":"x","accountId":"x"}}}]""", default);
        world.Time.Advance(time);
        var identity = new ServiceIdentity { Region = World.Region, AccountId = World.Account };
        await new AuditSealing(store, digests, keys, archive, identity, Options.Create(new AuditOptions()), world.Time, NullLogger<AuditSealing>.Instance).RunAsync(default);
    }
}
