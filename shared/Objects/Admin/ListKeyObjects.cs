using System.Globalization;
using System.Text.Json;
using Serverless.Access;
using Serverless.Objects.Rotation;

namespace Serverless.Objects.Admin;

/// <summary>
/// Lists the objects, archived versions and uploads that need a key, or a version of it, by looking at what there is now, so much in a call: a page may be short, or empty, and others behind it. A version
/// that has become current again is both, and may come twice.
/// </summary>
public sealed class ListKeyObjects(AdminKey keys, KeyObjects objects) : IAdminOperation
{
    private const int MaxBucketLength = 63;
    private const int MaxTokenLength = 8192;
    private const int MaxPage = 1000;
    private const char Separator = '\n';

    public string Name => nameof(ListKeyObjects);

    public bool IsReadOnly => true;

    public IReadOnlyList<string> Members => [AdminKey.Member, "KeyVersion", "Bucket", "MaxResults", "NextToken"];

    public async Task RunAsync(AdminRequest request, AdminCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        var key = await keys.ReadAsync(request, cancellationToken).ConfigureAwait(false);
        var version = (uint?)request.Integer("KeyVersion", 1, uint.MaxValue);
        var bucket = request.Text("Bucket", MaxBucketLength);
        var maxResults = (int)(request.Integer("MaxResults", 1, MaxPage) ?? MaxPage);
        var list = string.Create(CultureInfo.InvariantCulture, $"{Name} {key} {version} {bucket}");
        var from = request.Text("NextToken", MaxTokenLength) is not { } token ? RewrapPosition.First
            : PageToken.Open(token, list) is { } position && Read(position) is { } place ? place
            : throw new AdminException(AdminErrors.InvalidToken);

        var page = await objects.ListAsync(key, version, bucket, from, maxResults, cancellationToken).ConfigureAwait(false);
        answer.WriteStartObject();
        answer.WriteStartArray("Objects"u8);
        foreach (var found in page.Objects) Write(answer, found);
        answer.WriteEndArray();
        answer.WriteNumber("UnreadableObjects"u8, page.Unreadable);
        if (page.Next is { } next) answer.WriteString("NextToken"u8, PageToken.Seal(Text(next), list));
        answer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter answer, KeyObject found)
    {
        answer.WriteStartObject();
        answer.WriteString("Bucket"u8, found.Bucket);
        answer.WriteString("Key"u8, found.Key);
        if (found.Version is { } version) answer.WriteString("VersionId"u8, version.ToString());
        if (found.Upload is { } upload) answer.WriteString("UploadId"u8, upload.Text);
        answer.WriteStartArray("Wraps"u8);
        foreach (var (kind, keyVersion) in found.Wraps)
        {
            answer.WriteStartObject();
            answer.WriteString("Kind"u8, kind switch
            {
                WrappedKeyKind.DataKey => "DATA_KEY"u8,
                WrappedKeyKind.BucketKey => "BUCKET_KEY"u8,
                WrappedKeyKind.OuterKey => "OUTER_KEY"u8,
                _ => "MANIFEST_KEY"u8,
            });
            answer.WriteNumber("KeyVersion"u8, keyVersion);
            answer.WriteEndObject();
        }
        answer.WriteEndArray();
        answer.WriteEndObject();
    }

    // No bucket's name has a line break in it.
    private static string Text(RewrapPosition position) => string.Join(Separator, position.Stage, position.Bucket, position.PageToken);

    private static RewrapPosition? Read(string text) => text.Split(Separator, 3) is [var stage, var bucket, var token] && Enum.TryParse<RewrapStage>(stage, out var parsed)
        ? new(parsed, bucket, token.Length > 0 ? token : null)
        : null;
}
