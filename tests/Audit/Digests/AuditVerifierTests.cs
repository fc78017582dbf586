using System.Text;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests.Digests;

public sealed class AuditVerifierTests
{
    private readonly SealedTrail trail = new();

    [Fact]
    public async Task A_trail_without_records_has_nothing_to_verify()
    {
        var result = await trail.VerifyAsync();
        Assert.Equal(new AuditVerification(null, null, null, null, null, 0, 0, null, null), result);
    }

    [Fact]
    public async Task A_trail_as_it_was_written_verifies_with_records_that_came_late_twice_or_are_not_sealed_yet()
    {
        var (twice, late) = (Events.Decrypt(), Events.Decrypt(Events.Noon.AddMinutes(1)));
        await trail.WriteAsync(twice);
        trail.Time.SetUtcNow(Events.Noon.AddHours(1));
        await trail.WriteAsync(twice, Events.Decrypt(Events.Noon.AddHours(1)));
        trail.Time.SetUtcNow(Events.Noon.AddDays(2));
        await trail.WriteAsync(late, Events.Decrypt(Events.Noon.AddDays(-3)));
        await trail.SealUntilAsync(Events.Noon.AddDays(2).AddHours(1));
        await trail.WriteAsync(Events.Decrypt(trail.Time.GetUtcNow()), Events.Decrypt(Events.Noon.AddMinutes(7)));

        var result = await trail.VerifyAsync();

        Assert.Null(result.Finding);
        Assert.Equal((49, 4), (result.Digests, result.Records));
        Assert.Equal(Events.Noon, result.ChainStart);
        Assert.Equal((Events.Noon.AddDays(2).AddHours(1), Events.Noon.AddDays(2).AddHours(1)), (result.VerifiedUntil!.Value, result.SealedUntil!.Value));
    }

    [Fact]
    public async Task Every_copy_that_is_changed_removed_or_inserted_is_found_and_named()
    {
        await FilledAsync();
        var rows = trail.Store.Rows;
        Assert.Equal(3 * 8, rows.Count);
        foreach (var (partition, key) in rows)
        {
            var json = trail.Store.Json(partition, key);
            var id = AuditKey.EventIdOf(AuditKey.PositionOf(key));
            trail.Store.Tamper(partition, key, Forge(json));
            await AssertFoundAsync(AuditFindingKind.RecordChanged, id, partition);
            trail.Store.Tamper(partition, key, null);
            await AssertFoundAsync(AuditFindingKind.RecordRemoved, id, partition);
            trail.Store.Tamper(partition, key, json);

            var forgedKey = key.Replace($"{id:D}", Guid.Empty.ToString(), StringComparison.Ordinal);
            trail.Store.Tamper(partition, forgedKey, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json).Replace($"{id:D}", Guid.Empty.ToString(), StringComparison.Ordinal)));
            await AssertFoundAsync(AuditFindingKind.RecordInserted, Guid.Empty, partition);
            trail.Store.Tamper(partition, forgedKey, null);
        }
        Assert.Null((await trail.VerifyAsync()).Finding);

        async Task AssertFoundAsync(AuditFindingKind kind, Guid id, string partition)
        {
            var finding = (await trail.VerifyAsync()).Finding;
            Assert.Equal((kind, (Guid?)id, Events.Noon), (finding!.Kind, finding.EventId, finding.Hour));
            Assert.Contains(partition.StartsWith("log_", StringComparison.Ordinal) ? "journal of 2026-03-04T12Z" : partition, finding.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_genuine_copy_in_a_place_where_it_misleads_is_found()
    {
        var events = await FilledAsync();
        var (partition, key) = trail.Store.Rows.First(row => row.Partition == "Username_20260304");
        trail.Store.Tamper(partition, key.Replace("alice!", "root!", StringComparison.Ordinal), trail.Store.Json(partition, key));

        var finding = (await trail.VerifyAsync()).Finding!;
        Assert.Equal((AuditFindingKind.RecordInserted, AuditKey.EventIdOf(AuditKey.PositionOf(key))), (finding.Kind, finding.EventId));

        trail.Store.Tamper(partition, key.Replace("alice!", "root!", StringComparison.Ordinal), null);
        trail.Store.Tamper(partition, "nonsense", trail.Store.Json(partition, key));
        Assert.Equal(AuditFindingKind.RecordInserted, (await trail.VerifyAsync()).Finding!.Kind);
        Assert.Equal(3, events.Length);
    }

    [Fact]
    public async Task A_record_that_is_forged_in_all_its_places_at_once_is_found()
    {
        var events = await FilledAsync();
        foreach (var (partition, key) in trail.Store.Rows.Where(row => row.Key.Contains($"{events[1].EventId:D}", StringComparison.Ordinal))) trail.Store.Tamper(partition, key, Forge(trail.Store.Json(partition, key)));

        var finding = (await trail.VerifyAsync()).Finding!;
        Assert.Equal((AuditFindingKind.RecordChanged, (Guid?)events[1].EventId), (finding.Kind, finding.EventId));

        foreach (var (partition, key) in trail.Store.Rows.Where(row => row.Key.Contains($"{events[1].EventId:D}", StringComparison.Ordinal))) trail.Store.Tamper(partition, key, null);
        finding = (await trail.VerifyAsync()).Finding!;
        Assert.Equal((AuditFindingKind.RecordRemoved, (Guid?)events[1].EventId), (finding.Kind, finding.EventId));
    }

    [Fact]
    public async Task Of_several_things_the_first_in_time_is_named()
    {
        var events = await FilledAsync();
        foreach (var (partition, key) in trail.Store.Rows.Where(row => row.Partition == "EventName_20260304")) trail.Store.Tamper(partition, key, Forge(trail.Store.Json(partition, key)));

        Assert.Equal(events.MinBy(auditEvent => auditEvent.EventTime)!.EventId, (await trail.VerifyAsync()).Finding!.EventId);
    }

    [Fact]
    public async Task Forgeries_among_what_is_not_sealed_yet_are_found_in_copies_that_no_journal_has()
    {
        await FilledAsync();
        var unsealed = Events.Decrypt(trail.Time.GetUtcNow());
        await trail.WriteAsync(unsealed);
        Assert.Null((await trail.VerifyAsync()).Finding);
        var (partition, key) = trail.Store.Rows.First(row => row.Partition == "Username_20260304" && row.Key.Contains($"{unsealed.EventId:D}", StringComparison.Ordinal));

        trail.Store.Tamper(partition, key, Forge(trail.Store.Json(partition, key)));
        Assert.Equal(AuditFindingKind.RecordChanged, (await trail.VerifyAsync()).Finding!.Kind);
        trail.Store.Tamper("log_2026030413", trail.Store.Rows.Single(row => row.Partition == "log_2026030413").Key, null);
        Assert.Equal(AuditFindingKind.RecordInserted, (await trail.VerifyAsync()).Finding!.Kind);
    }

    [Fact]
    public async Task A_digest_that_is_missing_or_was_not_signed_or_does_not_follow_is_named()
    {
        await FilledAsync();
        await trail.SealUntilAsync(Events.Noon.AddHours(6));
        var digests = trail.Digests.Digests.Values.ToArray();
        Assert.Equal(6, digests.Length);
        for (var i = 0; i < 5; i++)
        {
            trail.Digests.Digests.Remove(digests[i].Hour.Number);
            await AssertFoundAsync(AuditFindingKind.DigestMissing, digests[i]);
            trail.Digests.Digests[digests[i].Hour.Number] = digests[i] with { Signature = new byte[32] };
            await AssertFoundAsync(AuditFindingKind.DigestForged, digests[i]);
            // Another hour's, genuine.
            trail.Digests.Digests[digests[i].Hour.Number] = digests[i] with { Content = digests[5 - i].Content, Signature = digests[5 - i].Signature };
            await AssertFoundAsync(AuditFindingKind.DigestForged, digests[i]);
            trail.Digests.Digests[digests[i].Hour.Number] = digests[i] with { Content = "no JSON"u8.ToArray() };
            await AssertFoundAsync(AuditFindingKind.DigestForged, digests[i]);
            trail.Digests.Digests[digests[i].Hour.Number] = digests[i];
        }
        Assert.Null((await trail.VerifyAsync()).Finding);

        // Of another chain, under the same key: signed, but the one behind it does not follow it.
        trail.Digests.Digests[digests[2].Hour.Number] = (AuditDigest.Parse(digests[2])! with { PreviousDigestHashValue = "00" }).Sign(Serverless.Encryption.SecretKey.Copy(trail.Keys.Key));
        Assert.Equal(AuditFindingKind.DigestForged, (await trail.VerifyAsync()).Finding!.Kind);

        async Task AssertFoundAsync(AuditFindingKind kind, SealedDigest digest)
        {
            var finding = (await trail.VerifyAsync()).Finding!;
            Assert.Equal((kind, digest.Hour.Start), (finding.Kind, finding.Hour));
        }
    }

    [Fact]
    public async Task A_chain_whose_end_is_cut_off_is_sealed_until_its_end_and_without_the_key_no_digest_is_genuine()
    {
        await FilledAsync();
        await trail.SealUntilAsync(Events.Noon.AddHours(3));
        trail.Digests.Digests.Remove(trail.Digests.Newest.Hour.Number);

        Assert.Equal(Events.Noon.AddHours(2), (await trail.VerifyAsync()).SealedUntil);

        trail.Keys.Key = null;
        Assert.Equal((AuditFindingKind.DigestForged, Events.Noon), ((await trail.VerifyAsync()).Finding!.Kind, (await trail.VerifyAsync()).Finding!.Hour));
    }

    [Fact]
    public async Task A_log_file_that_is_missing_or_changed_is_named_and_the_record_that_was_changed_in_it()
    {
        var events = await FilledAsync();
        var name = Assert.Single(trail.Archive.LogFiles);
        var content = trail.Archive.Files[name];
        var text = SealedTrail.Unzip(content).ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

        trail.Archive.Files.Remove(name);
        await AssertFoundAsync(AuditFindingKind.LogFileChanged, null);
        trail.Archive.Files[name] = "no gzip"u8.ToArray();
        await AssertFoundAsync(AuditFindingKind.LogFileChanged, null);
        trail.Archive.Files[name] = SealedTrail.Zip(Encoding.UTF8.GetBytes(text + " "));
        await AssertFoundAsync(AuditFindingKind.LogFileChanged, null);
        trail.Archive.Files[name] = SealedTrail.Zip(Encoding.UTF8.GetBytes(text.Replace("dog.jpg", "cow.jpg", StringComparison.Ordinal)));
        await AssertFoundAsync(AuditFindingKind.RecordChanged, events[1].EventId);
        trail.Archive.Files[name] = SealedTrail.Zip(Encoding.UTF8.GetBytes(text.Replace(events[1].EventId.ToString(), Guid.Empty.ToString(), StringComparison.Ordinal)));
        await AssertFoundAsync(AuditFindingKind.RecordInserted, Guid.Empty);
        trail.Archive.Files[name] = SealedTrail.Zip("""{"Records":[]}"""u8.ToArray());
        await AssertFoundAsync(AuditFindingKind.RecordRemoved, events[0].EventId);
        trail.Archive.Files[name] = content;
        Assert.Null((await trail.VerifyAsync()).Finding);

        async Task AssertFoundAsync(AuditFindingKind kind, Guid? id)
        {
            var finding = (await trail.VerifyAsync()).Finding!;
            Assert.Equal((kind, id), (finding.Kind, finding.EventId));
            Assert.Contains(name, finding.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_range_is_verified_alone_and_a_verification_whose_time_is_over_says_where_to_go_on()
    {
        for (var day = 0; day < 5; day++)
        {
            trail.Time.SetUtcNow(Events.Noon.AddDays(day));
            await trail.WriteAsync(Events.Decrypt(trail.Time.GetUtcNow()));
        }
        await trail.SealUntilAsync(Events.Noon.AddDays(4).AddHours(1));
        var first = DateOnly.FromDateTime(Events.Noon.UtcDateTime);

        Assert.Equal((48, 2), (await CountAsync(first.AddDays(1), first.AddDays(2))));
        var (records, pages) = (0L, 0);
        for (DateOnly? next = null; ; pages++)
        {
            var page = await trail.VerifyAsync(next, budget: TimeSpan.Zero);
            Assert.Null(page.Finding);
            records += page.Records;
            next = page.Next;
            if (next is null) break;
        }
        Assert.Equal((5, 4), (records, pages));

        // What is outside of the range is not looked at; what is inside is.
        var (partition, key) = trail.Store.Rows.First(row => row.Partition == "Username_20260305");
        trail.Store.Tamper(partition, key, null);
        Assert.Null((await trail.VerifyAsync(first.AddDays(2))).Finding);
        Assert.Equal(Events.Noon.AddDays(1), (await trail.VerifyAsync(first.AddDays(1))).Finding!.Hour);
        Assert.Equal(Events.Noon.AddHours(12), (await trail.VerifyAsync()).VerifiedUntil);

        async Task<(long, long)> CountAsync(DateOnly start, DateOnly end)
        {
            var result = await trail.VerifyAsync(start, end);
            Assert.Null(result.Finding);
            return (result.Digests, result.Records);
        }
    }

    /// <summary>Three records of one hour, sealed; the second is of the object dog.jpg.</summary>
    private async Task<AuditEvent[]> FilledAsync()
    {
        AuditEvent[] events = [Events.Decrypt(), Events.Decrypt(Events.Noon.AddSeconds(5), "dog.jpg"), Events.Decrypt(Events.Noon.AddSeconds(9))];
        await trail.WriteAsync(events);
        await trail.SealUntilAsync(Events.Noon.AddHours(1));
        Assert.Null((await trail.VerifyAsync()).Finding);
        return events;
    }

    private static byte[] Forge(byte[] json) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json).Replace("192.0.2.7", "192.0.2.8", StringComparison.Ordinal));
}
