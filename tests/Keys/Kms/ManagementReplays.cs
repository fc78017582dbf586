namespace Serverless.Keys.Tests;

/// <summary>The inputs behind AWS's recorded answers to the operations on tags and rotations.</summary>
internal static class ManagementReplays
{
    private static readonly (string, string)[] TwoTags = [("tag1", "value1"), ("tag2", "value2")];
    private static readonly (string, string)[] ThreeTags = [.. TwoTags, ("tag3", "value3")];

    public static Dictionary<string, Func<ReplayClient, Task<KmsResponse>>> All { get; } = new()
    {
        ["test_create_key_with_tag_and_untag/list-resource-tags"] = async c => await ListAsync(c, await NewTaggedAsync(c, TwoTags)),
        ["test_create_key_with_tag_and_untag/list-resource-tags-after-all-untagged"] = async c => await ListUntaggedAsync(c, await NewTaggedAsync(c, TwoTags), "tag1", "tag2"),
        ["test_tag_existing_key_and_untag/list-resource-tags"] = async c => await ListTaggedAsync(c, await c.NewKeyAsync(), TwoTags),
        ["test_tag_existing_key_and_untag/list-resource-tags-after-all-untagged"] = async c => await ListUntaggedAsync(c, await NewTaggedAsync(c, TwoTags), "tag1", "tag2"),
        ["test_tag_existing_key_with_invalid_tag_key/invalid-tag-key"] = async c => await c.TagAsync(await c.NewKeyAsync(), ("aws:key1", "value1")),
        ["test_tag_key_with_duplicate_tag_keys_raises_error/duplicate-tag-keys"] = async c => await c.TagAsync(await c.NewKeyAsync(), ("key1", "value1"), ("key1", "value2")),
        ["test_untag_key_partially/list-resource-tags"] = async c => await ListAsync(c, await NewTaggedAsync(c, ThreeTags)),
        ["test_untag_key_partially/list-resource-tags-after-partially-untagged"] = async c => await ListUntaggedAsync(c, await NewTaggedAsync(c, ThreeTags), "tag2"),
        ["test_update_and_add_tags_on_tagged_key/list-resource-tags"] = async c => await ListAsync(c, await NewTaggedAsync(c, ThreeTags)),
        ["test_update_and_add_tags_on_tagged_key/list-resource-tags-after-tags-updated"] = async c =>
            await ListTaggedAsync(c, await NewTaggedAsync(c, ThreeTags), ("tag2", "updated_value2"), ("tag4", "value4"), ("tag5", "value5")),
        ["test_key_enable_rotation_status[90]/match_response"] = async c => await StatusAsync(c, await RotatingAsync(c, 90)),
        ["test_key_enable_rotation_status[180]/match_response"] = async c => await StatusAsync(c, await RotatingAsync(c, 180)),
        ["test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_enabled/rotate-on-demand-response"] = async c => await RotateAsync(c, await RotatingAsync(c, 365)),
        ["test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_enabled/rotation-status-response-after-rotation"] = async c =>
            await StatusOfRotatedAsync(c, await RotatingAsync(c, 365)),
        ["test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_disabled/rotation-status-response-after-rotation"] = async c =>
            await StatusOfRotatedAsync(c, await c.NewKeyAsync()),
        // Recorded with an asymmetric key; an HMAC key is no more rotated.
        ["test_rotate_key_on_demand_raises_error_given_non_symmetric_key/error-response"] = async c => await RotateAsync(
            c, IdOf(await c.CallAsync("CreateKey", ("KeySpec", "HMAC_256"), ("KeyUsage", "GENERATE_VERIFY_MAC")))),
    };

    private static string IdOf(KmsResponse created) => (string)created.Body!["KeyMetadata"]!["KeyId"]!;

    private static async Task<string> NewTaggedAsync(ReplayClient c, (string, string)[] tags) => IdOf(await c.CreateTaggedAsync(tags));

    private static async Task<string> RotatingAsync(ReplayClient c, int days)
    {
        string id = await c.NewKeyAsync();
        await c.CallAsync("EnableKeyRotation", ("KeyId", id), ("RotationPeriodInDays", days));
        return id;
    }

    private static Task<KmsResponse> ListAsync(ReplayClient c, string id) => c.CallAsync("ListResourceTags", ("KeyId", id));

    private static async Task<KmsResponse> ListTaggedAsync(ReplayClient c, string id, params (string, string)[] tags)
    {
        await c.TagAsync(id, tags);
        return await ListAsync(c, id);
    }

    private static async Task<KmsResponse> ListUntaggedAsync(ReplayClient c, string id, params string[] keys)
    {
        await c.UntagAsync(id, keys);
        return await ListAsync(c, id);
    }

    private static Task<KmsResponse> StatusAsync(ReplayClient c, string id) => c.CallAsync("GetKeyRotationStatus", ("KeyId", id));

    private static Task<KmsResponse> RotateAsync(ReplayClient c, string id) => c.CallAsync("RotateKeyOnDemand", ("KeyId", id));

    private static async Task<KmsResponse> StatusOfRotatedAsync(ReplayClient c, string id)
    {
        await RotateAsync(c, id);
        return await StatusAsync(c, id);
    }
}
