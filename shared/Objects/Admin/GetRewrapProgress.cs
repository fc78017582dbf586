using System.Text.Json;
using Serverless.Objects.Rotation;

namespace Serverless.Objects.Admin;

/// <summary>Tells how far the present re-wrap pass is, or what the last one came to. Before the first there is nothing to tell.</summary>
public sealed class GetRewrapProgress(IRewrapStore store) : IAdminOperation
{
    public string Name => nameof(GetRewrapProgress);

    public bool IsReadOnly => true;

    public IReadOnlyList<string> Members => [];

    public async Task RunAsync(AdminRequest request, AdminCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        answer.WriteStartObject();
        if (await store.ReadAsync(cancellationToken).ConfigureAwait(false) is { } note)
        {
            var progress = RewrapProgress.Of(note);
            answer.WriteString("PassId"u8, progress.PassId);
            answer.WriteString("State"u8, progress.CompletedAt is null ? "RUNNING"u8 : "COMPLETE"u8);
            answer.WriteTime("StartDate", progress.StartedAt);
            answer.WriteTime("ProgressDate", progress.ProgressAt);
            if (progress.CompletedAt is { } completed) answer.WriteTime("CompletionDate", completed);
            answer.WriteNumber("ObjectsSeen"u8, progress.Seen);
            answer.WriteNumber("ObjectsRewrapped"u8, progress.Rewrapped);
            answer.WriteNumber("CustomerKeyObjects"u8, progress.CustomerKeys);
            answer.WriteNumber("ObjectsFailed"u8, progress.Failed);
            answer.WriteNumber("UnreadableObjects"u8, progress.Unreadable);
            if (progress.Left is { } left) answer.WriteNumber("ObjectsLeft"u8, left);
            answer.WriteNumber("ObjectsPerSecond"u8, Math.Round(progress.ObjectsPerSecond, 3));
            if (progress.TimeLeft is { } timeLeft) answer.WriteNumber("SecondsLeft"u8, (long)Math.Ceiling(timeLeft.TotalSeconds));
        }
        answer.WriteEndObject();
    }
}
