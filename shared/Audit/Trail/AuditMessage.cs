using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Serverless.Audit;

/// <summary>
/// A queue message: a JSON array of entries <c>{"ticks":…,"record":{…}}</c>, where ticks is the event's time in full and record is as CloudTrail writes it.
/// This holds one while events join it, and everyone who waits for it.
/// </summary>
internal sealed class AuditMessage(long openedAt)
{
    /// <summary>What remains for an entry that is alone between the array's brackets.</summary>
    public const int MaxEntryBytes = IAuditQueue.MaxBytes - 2;

    private readonly TaskCompletionSource<Exception?> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(IAuditQueue.MaxBytes);
    private int length;

    /// <summary>When its first event came, as <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long OpenedAt { get; } = openedAt;

    /// <summary>Adds an entry, or answers false: it has no room.</summary>
    public bool TryAdd(ReadOnlySpan<byte> entry)
    {
        // One byte in front of the entry, '[' or ',', and one for the closing bracket.
        if (length + 1 + entry.Length + 1 > IAuditQueue.MaxBytes) return false;
        buffer[length] = length == 0 ? (byte)'[' : (byte)',';
        entry.CopyTo(buffer.AsSpan(length + 1));
        length += 1 + entry.Length;
        return true;
    }

    /// <summary>The whole message; nothing can be added any more.</summary>
    public ReadOnlyMemory<byte> Close()
    {
        buffer[length++] = (byte)']';
        return buffer.AsMemory(0, length);
    }

    /// <summary>Releases everyone who waits: the message is in the queue, or <paramref name="failure"/> kept it out.</summary>
    public void Complete(Exception? failure)
    {
        // After a failure a client that was cancelled may still be reading the buffer, so that one is left to the garbage collector.
        if (failure is null) ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        outcome.SetResult(failure);
    }

    /// <summary>Waits until the message is in the queue; giving up concerns only this waiter.</summary>
    /// <exception cref="AuditUnavailableException">The message did not get into the queue.</exception>
    public async ValueTask SentAsync(CancellationToken cancellationToken)
    {
        if (await outcome.Task.WaitAsync(cancellationToken).ConfigureAwait(false) is { } failure) throw new AuditUnavailableException(failure);
    }

    /// <summary>Reads a message: its records, and how many entries are none.</summary>
    /// <exception cref="JsonException">It is not an array of JSON.</exception>
    public static (IReadOnlyList<AuditRecord> Records, int Malformed) Parse(string message)
    {
        using var document = JsonDocument.Parse(message);
        if (document.RootElement.ValueKind != JsonValueKind.Array) throw new JsonException("The message is not an array.");
        var records = new List<AuditRecord>();
        var malformed = 0;
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            if (ParseEntry(entry) is { } record) records.Add(record);
            else malformed++;
        }
        return (records, malformed);
    }

    private static AuditRecord? ParseEntry(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object
            || !entry.TryGetProperty("ticks"u8, out var ticksElement) || ticksElement.ValueKind != JsonValueKind.Number || !ticksElement.TryGetInt64(out var ticks)
            || !entry.TryGetProperty("record"u8, out var record))
        {
            return null;
        }
        try
        {
            return AuditRecord.Parse(ticks, JsonMarshal.GetRawUtf8Value(record).ToArray());
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
