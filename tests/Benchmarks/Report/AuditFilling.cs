using System.Text;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Benchmarks.Report;

/// <summary>Fills an audit table with the uses of keys of the last 80 days, evenly, by the service's own trail and writer.</summary>
internal static class AuditFilling
{
    private const int Days = 80;
    private const int Users = 100;
    private const int Keys = 50;
    private const int MessageSize = 1000;

    /// <summary>What is looked up, of the newest event and of what is as rare in every table.</summary>
    public static IEnumerable<(string Name, string? Key, string Value)> Lookups(AuditEvent newest)
    {
        yield return ("all", null, "");
        yield return ("EventId", "EventId", newest.EventId.ToString());
        yield return ("EventName", "EventName", newest.EventName);
        yield return ("ReadOnly", "ReadOnly", "true");
        yield return ("Username", "Username", newest.Caller.Principal.UserName);
        yield return ("ResourceType", "ResourceType", newest.Resources[0].Type);
        yield return ("ResourceName, key", "ResourceName", newest.Resources[0].Arn);
        yield return ("ResourceName, object", "ResourceName", newest.Resources[1].Arn);
        yield return ("EventSource", "EventSource", newest.EventSource);
        yield return ("AccessKeyId", "AccessKeyId", newest.Caller.Principal.AccessKeyId!);
    }

    /// <summary>Answers the newest event.</summary>
    public static async Task<AuditEvent> FillAsync(IAuditStore store, int records, CancellationToken cancellationToken)
    {
        var entries = new Entries();
        var writer = new AuditWriter(store, TimeProvider.System);
        var newest = DateTimeOffset.UtcNow.AddMinutes(-1);
        AuditEvent? last = null;
        await using var trail = new AuditTrail(entries, Events.Identity, TimeProvider.System);
        for (var number = 0; number < records; number++)
        {
            var auditEvent = EventOf(number, newest - TimeSpan.FromDays(Days) * ((double)number / records));
            last ??= auditEvent;
            await trail.RecordAsync(auditEvent, cancellationToken);
            if (entries.Count == MessageSize || number == records - 1) await writer.WriteAsync(entries.Take(), cancellationToken);
        }
        return last!;
    }

    private static AuditEvent EventOf(int number, DateTimeOffset time)
    {
        var name = $"user-{number % Users}";
        var user = Events.Alice with { UserName = name, AccessKeyId = $"AKID{number % Users:D16}", Arn = $"arn:aws:iam::{Events.AccountId}:user/{name}" };
        var generates = number % 3 == 0;
        return Events.Decrypt(time, $"{number}.jpg", user) with
        {
            EventName = generates ? "GenerateDataKey" : "Decrypt",
            Resources = [new("AWS::KMS::Key", $"arn:aws:kms:eu-west-1:{Events.AccountId}:key/1234abcd-12ab-34cd-56ef-{number % Keys:D12}"), new("AWS::S3::Object", Events.ObjectArn($"{number}.jpg"))],
        };
    }

    /// <summary>Takes the messages of a trail that is never busy, an entry in each, and makes large ones of them.</summary>
    private sealed class Entries : IAuditQueue
    {
        private readonly StringBuilder entries = new();

        public int Count { get; private set; }

        public string Take()
        {
            var message = $"[{entries}]";
            entries.Clear();
            Count = 0;
            return message;
        }

        public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            if (Count++ > 0) entries.Append(',');
            entries.Append(Encoding.UTF8.GetString(message.Span[1..^1]));
            return ValueTask.CompletedTask;
        }

        public ValueTask<AuditQueueState> ReadStateAsync(CancellationToken cancellationToken) => new(new AuditQueueState(0, 0));
    }
}
