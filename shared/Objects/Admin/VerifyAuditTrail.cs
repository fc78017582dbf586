using System.Globalization;
using System.Text.Json;
using Serverless.Access;
using Serverless.Audit;

namespace Serverless.Objects.Admin;

/// <summary>
/// Verifies the audit trail, by days of UTC, until something is wrong, and tells how far it is as it was sealed. What takes long is answered in pages: each ends with a day, and its token goes on behind it.
/// </summary>
public sealed class VerifyAuditTrail(AuditVerifier verifier) : IAdminOperation
{
    private const string StartTime = "StartTime";
    private const string EndTime = "EndTime";
    private const string NextToken = "NextToken";
    private const int LongestToken = 256;
    private const string DayFormat = "yyyy-MM-dd";

    /// <summary>About: a client waits a minute for an answer, and a day is not left half done.</summary>
    private static readonly TimeSpan PageTime = TimeSpan.FromSeconds(20);

    public string Name => nameof(VerifyAuditTrail);

    public bool IsReadOnly => true;

    public IReadOnlyList<string> Members => [StartTime, EndTime, NextToken];

    public async Task RunAsync(AdminRequest request, AdminCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        var (start, end, token) = (Day(request.Time(StartTime)), Day(request.Time(EndTime)), request.Text(NextToken, LongestToken));
        if (start > end) throw new AdminException(AdminErrors.Validation("StartTime must not be behind EndTime."));
        var list = string.Create(CultureInfo.InvariantCulture, $"{Name}\n{start:O}\n{end:O}");
        var from = token is null ? start : PageToken.Open(token, list) is { } position && DateOnly.TryParseExact(position, DayFormat, out var next) ? next : throw new AdminException(AdminErrors.InvalidToken);

        var verified = await verifier.VerifyAsync(from, end, PageTime, cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        answer.WriteBoolean("Valid", verified.Finding is null);
        if (verified.ChainStart is { } chainStart) answer.WriteTime("ChainStartTime", chainStart);
        if (verified.Start is { } verifiedFrom) answer.WriteTime(StartTime, verifiedFrom);
        if (verified.VerifiedUntil is { } verifiedUntil) answer.WriteTime("VerifiedUntil", verifiedUntil);
        if (verified.SealedUntil is { } sealedUntil) answer.WriteTime("SealedUntil", sealedUntil);
        if (verified.RetainedFrom is { } retainedFrom) answer.WriteTime("RetainedFrom", new(retainedFrom, TimeOnly.MinValue, TimeSpan.Zero));
        answer.WriteNumber("DigestCount", verified.Digests);
        answer.WriteNumber("RecordCount", verified.Records);
        if (verified.Finding is { } finding) WriteFinding(answer, finding);
        if (verified.Next is { } then) answer.WriteString(NextToken, PageToken.Seal(then.ToString(DayFormat, CultureInfo.InvariantCulture), list));
        answer.WriteEndObject();
    }

    private static void WriteFinding(Utf8JsonWriter answer, AuditFinding finding)
    {
        answer.WriteStartObject("Finding");
        answer.WriteString("Type", JsonNamingPolicy.SnakeCaseUpper.ConvertName(finding.Kind.ToString()));
        answer.WriteTime("Hour", finding.Hour);
        if (finding.EventId is { } eventId) answer.WriteString("EventId", eventId);
        answer.WriteString("Detail", finding.Detail);
        answer.WriteEndObject();
    }

    private static DateOnly? Day(DateTimeOffset? time) => time is { } known ? DateOnly.FromDateTime(known.UtcDateTime) : null;
}
