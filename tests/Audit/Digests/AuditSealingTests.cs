using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests.Digests;

public sealed class AuditSealingTests
{
    private readonly SealedTrail trail = new();

    [Fact]
    public async Task Each_hour_has_a_digest_in_CloudTrails_terms_that_follows_the_one_before_and_empty_hours_have_one_too()
    {
        await trail.WriteAsync(Events.Decrypt(Events.Noon.AddMinutes(1)), Events.Decrypt(Events.Noon.AddMinutes(2)));
        await trail.SealUntilAsync(Events.Noon.AddHours(3));

        var digests = trail.DigestContents();
        Assert.Equal(3, digests.Count);
        Assert.Equal(
            ["awsAccountId", "digestStartTime", "digestEndTime", "digestS3Bucket", "digestS3Object", "digestSignatureAlgorithm", "newestEventTime", "oldestEventTime", "previousDigestS3Bucket", "previousDigestS3Object",
                "previousDigestHashValue", "previousDigestHashAlgorithm", "previousDigestSignature", "logFiles", "recordCount", "recordsHashValue", "retainedFrom"],
            digests[0].Select(member => member.Key));
        Assert.Equal(("2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z"), ((string)digests[0]["digestStartTime"]!, (string)digests[0]["digestEndTime"]!));
        Assert.Equal(("2026-03-04T12:01:00Z", "2026-03-04T12:02:00Z"), ((string)digests[0]["oldestEventTime"]!, (string)digests[0]["newestEventTime"]!));
        Assert.Equal("AWSLogs/123456789012/CloudTrail-Digest/eu-west-1/2026/03/04/123456789012_CloudTrail-Digest_eu-west-1_serverless-sse_eu-west-1_20260304T130000Z.json.gz", (string)digests[0]["digestS3Object"]!);
        Assert.Equal([2, 0, 0], digests.Select(digest => (int)digest["recordCount"]!));
        Assert.Null(digests[0]["previousDigestHashValue"]);
        Assert.Null(digests[1]["newestEventTime"]);
        for (var i = 1; i < 3; i++)
        {
            var before = trail.Digests.Digests.Values.ElementAt(i - 1);
            Assert.Equal((string)digests[i - 1]["digestEndTime"]!, (string)digests[i]["digestStartTime"]!);
            Assert.Equal((string)digests[i - 1]["digestS3Object"]!, (string)digests[i]["previousDigestS3Object"]!);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(before.Content.Span)), (string)digests[i]["previousDigestHashValue"]!);
            Assert.Equal(Convert.ToHexStringLower(before.Signature.Span), (string)digests[i]["previousDigestSignature"]!);
        }
    }

    [Fact]
    public async Task A_digest_is_exported_with_its_signature_and_its_hash_is_told_to_the_log()
    {
        await trail.WriteAsync(Events.Decrypt());
        await trail.SealUntilAsync(Events.Noon.AddHours(1));

        var digest = trail.DigestContents()[0];
        var name = (string)digest["digestS3Object"]!;
        Assert.Equal(digest.ToJsonString(), SealedTrail.Unzip(trail.Archive.Files[name]).ToJsonString());
        Assert.Equal(Convert.ToHexStringLower(trail.Digests.Newest.Signature.Span), trail.Archive.Metadata[name]["signature"]);
        Assert.Equal($"Information: Audit digest of 2026-03-04T12Z: 1 records, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(trail.Digests.Newest.Content.Span))}.", Assert.Single(trail.Log.Lines));
        // CloudTrail's data signing string.
        var toSign = $"2026-03-04T13:00:00Z\naudit-logs/{name}\n{Convert.ToHexStringLower(SHA256.HashData(trail.Digests.Newest.Content.Span))}\nnull";
        Assert.Equal(HMACSHA256.HashData(trail.Keys.Key!, System.Text.Encoding.UTF8.GetBytes(toSign)), trail.Digests.Newest.Signature.ToArray());
    }

    [Fact]
    public async Task Log_files_hold_the_hours_records_as_CloudTrails_do_each_Region_in_its_folder()
    {
        AuditEvent[] events = [Events.Decrypt(), Events.Decrypt() with { Region = "us-east-1" }, Events.Decrypt(Events.Noon.AddSeconds(1)), Events.Decrypt() with { Region = "../secret" }];
        await trail.WriteAsync(events);
        await trail.SealUntilAsync(Events.Noon.AddHours(1));

        var files = trail.DigestContents()[0]["logFiles"]!.AsArray();
        Assert.Equal(trail.Archive.LogFiles, files.Select(file => (string)file!["s3Object"]!));
        Assert.Matches("^AWSLogs/123456789012/CloudTrail/eu-west-1/2026/03/04/123456789012_CloudTrail_eu-west-1_20260304T1300Z_[0-9a-f]{16}\\.json\\.gz$", (string)files[0]!["s3Object"]!);
        Assert.Matches("^AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/04/123456789012_CloudTrail_us-east-1_20260304T1300Z_[0-9a-f]{16}\\.json\\.gz$", (string)files[1]!["s3Object"]!);
        Assert.Equal([3, 1], files.Select(file => (int)file!["recordCount"]!));
        Assert.Equal(events.Select(auditEvent => auditEvent.EventId.ToString()).Order(), trail.LogFileIds().SelectMany(ids => ids).Order());
        foreach (var file in files)
        {
            using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(trail.Archive.Files[(string)file!["s3Object"]!]), System.IO.Compression.CompressionMode.Decompress);
            Assert.Equal((string)file["hashValue"]!, Convert.ToHexStringLower(SHA256.HashData(gzip)));
        }
    }

    [Fact]
    public async Task A_record_that_comes_late_is_in_the_digest_of_the_hour_in_which_it_was_written()
    {
        await trail.WriteAsync(Events.Decrypt());
        trail.Time.SetUtcNow(Events.Noon.AddHours(3));
        await trail.WriteAsync(Events.Decrypt(Events.Noon.AddMinutes(5)));
        await trail.SealUntilAsync(Events.Noon.AddHours(4));

        var digests = trail.DigestContents();
        Assert.Equal([1, 0, 0, 1], digests.Select(digest => (int)digest["recordCount"]!));
        Assert.Equal("2026-03-04T12:05:00Z", (string)digests[3]["oldestEventTime"]!);
    }

    [Fact]
    public async Task An_hour_is_sealed_once_it_has_been_over_for_the_grace_period_and_the_chain_begins_with_the_first_record()
    {
        await trail.SealUntilAsync(Events.Noon.AddHours(2));
        Assert.Empty(trail.Digests.Digests);

        await trail.WriteAsync(Events.Decrypt());
        trail.Time.SetUtcNow(Events.Noon.AddHours(3) + AuditJournal.Grace - TimeSpan.FromTicks(1));
        await trail.SealAsync();
        Assert.Empty(trail.Digests.Digests);

        trail.Time.Advance(TimeSpan.FromTicks(1));
        await trail.SealAsync();
        Assert.Equal(AuditHour.Of(Events.Noon.AddHours(2)), Assert.Single(trail.Digests.Digests.Values).Hour);
    }

    [Fact]
    public async Task A_very_large_hour_has_several_log_files()
    {
        var events = Enumerable.Range(0, 450).Select(_ => Events.OfSize(40_000)).ToArray();
        foreach (var one in events) await trail.WriteAsync(one);
        await trail.SealUntilAsync(Events.Noon.AddHours(1));

        var files = trail.LogFileIds();
        Assert.Equal(2, files.Count);
        Assert.Equal(events.Select(auditEvent => auditEvent.EventId.ToString()).Order(), files.SelectMany(ids => ids).Order());
        Assert.Null((await trail.VerifyAsync()).Finding);
    }

    [Fact]
    public async Task Killed_before_or_after_any_store_call_and_run_again_it_leaves_the_same_chain_and_the_same_files()
    {
        var expected = await FilledAsync();
        await expected.SealUntilAsync(Events.Noon.AddHours(3));
        var kills = 0;
        for (var at = 0; ; at++)
        {
            var killed = await FilledAsync(expected);
            var death = new Death(at);
            killed.Digests.Step = killed.Archive.Step = death.Step;
            try
            {
                await killed.SealUntilAsync(Events.Noon.AddHours(3));
            }
            catch (IOException)
            {
                kills++;
            }
            if (!death.HasCome) break;
            killed.Digests.Step = killed.Archive.Step = () => { };
            await killed.SealAsync();

            Assert.Equal(expected.DigestContents().Select(digest => digest.ToJsonString()), killed.DigestContents().Select(digest => digest.ToJsonString()));
            Assert.Equal(expected.Archive.Files, killed.Archive.Files);
            Assert.Null((await killed.VerifyAsync()).Finding);
        }
        // Two files and a digest file with its row in the first hour, and two of each in the others; before and after.
        Assert.Equal(2 * (2 + 3 * 2), kills);
    }

    [Fact]
    public async Task Instances_at_once_make_one_chain()
    {
        await trail.WriteAsync(Events.Decrypt());
        trail.Time.SetUtcNow(Events.Noon.AddHours(20) + AuditJournal.Grace);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(trail.SealAsync)));

        Assert.Equal(20, trail.Digests.Digests.Count);
        Assert.Null((await trail.VerifyAsync()).Finding);
    }

    [Fact]
    public async Task Behind_a_digest_that_the_service_did_not_sign_or_without_the_key_nothing_is_sealed()
    {
        await trail.WriteAsync(Events.Decrypt());
        await trail.SealUntilAsync(Events.Noon.AddHours(1));
        var key = trail.Keys.Key;
        trail.Keys.Key = null;
        await Assert.ThrowsAsync<InvalidDataException>(() => trail.SealUntilAsync(Events.Noon.AddHours(2)));
        Assert.Null(trail.Keys.Key);

        trail.Keys.Key = key;
        var newest = trail.Digests.Newest;
        trail.Digests.Digests[newest.Hour.Number] = newest with { Content = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(newest.Content.Span).Replace("\"recordCount\":1", "\"recordCount\":2", StringComparison.Ordinal)) };
        await Assert.ThrowsAsync<InvalidDataException>(() => trail.SealUntilAsync(Events.Noon.AddHours(2)));
        Assert.Single(trail.Digests.Digests);
    }

    [Fact]
    public async Task A_row_that_is_no_record_is_sealed_but_not_exported_and_keeps_no_hour_from_being_sealed()
    {
        await trail.WriteAsync(Events.Decrypt());
        trail.Store.Tamper("log_2026030412", "nonsense", "no record"u8.ToArray());
        await trail.SealUntilAsync(Events.Noon.AddHours(1));

        Assert.Equal(2, (int)trail.DigestContents()[0]["recordCount"]!);
        Assert.Single(Assert.Single(trail.LogFileIds()));
        Assert.Equal(AuditFindingKind.RecordInserted, (await trail.VerifyAsync()).Finding!.Kind);
    }

    [Theory]
    [InlineData(400, 400, "2025-01-28")]
    [InlineData(90, 400, "2025-12-04")]
    [InlineData(0, 0, null)]
    [InlineData(90, 0, "2025-12-04")]
    public async Task A_digest_tells_from_when_on_records_are_kept_and_never_goes_back(int days, int then, string? retainedFrom)
    {
        await trail.WriteAsync(Events.Decrypt());
        trail.Options.RetentionDays = days;
        await trail.SealUntilAsync(Events.Noon.AddHours(1));
        trail.Options.RetentionDays = then;
        await trail.SealUntilAsync(Events.Noon.AddHours(2));

        Assert.All(trail.DigestContents(), digest => Assert.Equal(retainedFrom, (string?)digest["retainedFrom"]));
    }

    private static async Task<SealedTrail> FilledAsync(SealedTrail? like = null)
    {
        var filled = new SealedTrail();
        filled.Keys.Key = like?.Keys.Key;
        await filled.WriteAsync(Fixed(1, Events.Noon), Fixed(2, Events.Noon.AddMinutes(1)) with { Region = "us-east-1" });
        return filled;
    }

    private static AuditEvent Fixed(byte number, DateTimeOffset time) => Events.Decrypt(time) with { EventId = new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]) };
}
