using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Keys;

/// <summary>TagResource, UntagResource and ListResourceTags. They take a key id or key ARN, not an alias.</summary>
internal sealed class TagOperations(KeyChanges changes, KmsKeyring keyring)
{
    private const int MaxLimit = 50;

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html</summary>
    public async Task TagResourceAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        IReadOnlyList<KeyTag> tags = KeyTags.Read(request) ?? throw new KmsException(KmsErrors.Missing("tags"));
        call.Parameters["tags"] = KeyTags.ToJson(tags);
        call.ConditionTags(tags);
        await changes.ChangeAsync(request, call, key => key with { Tags = KeyTags.Put(key.Tags, tags) }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html</summary>
    public async Task UntagResourceAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names = KeyTags.ReadKeys(request);
        call.Parameters["tagKeys"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]);
        call.ConditionTagKeys([.. names]);
        await changes.ChangeAsync(request, call, key => key with { Tags = [.. key.Tags.Where(tag => !names.Contains(tag.Key))] }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html</summary>
    public async Task ListResourceTagsAsync(KmsRequest request, KmsCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
    {
        var page = PageRequest.Read(request, MaxLimit, MaxLimit, marker => Base64Url.IsValid(marker));
        call.Parameters["keyId"] = request.KeyId;
        KmsKey key = await keyring.FindExactlyAsync(call, request.KeyId, cancellationToken).ConfigureAwait(false);
        await keyring.AdmitAsync(call, key, cancellationToken).ConfigureAwait(false);
        string after = page.Marker is { } marker ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(marker)) : "";
        KeyTag[] found = [.. key.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Where(tag => string.CompareOrdinal(tag.Key, after) > 0).Take(page.Limit + 1)];
        // A marker has no character beyond U+00FF; a tag's key may.
        page.Write(answer, "Tags", found, Write, tag => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(tag.Key)));

        void Write(KeyTag tag)
        {
            answer.WriteStartObject();
            answer.WriteString("TagKey"u8, tag.Key);
            answer.WriteString("TagValue"u8, tag.Value);
            answer.WriteEndObject();
        }
    }
}
