using System.Text.Json.Nodes;

namespace Serverless.Keys.Tests;

/// <summary>Replays the inputs behind AWS's recorded answers, as far as the operations exist here, and compares the answers.</summary>
public sealed class RecordedAnswersTests : IDisposable
{
    private const string Absent = "134f2428-cec1-4b25-a1ae-9048164dba47";

    private static readonly Dictionary<string, Func<ReplayClient, Task<KmsResponse>>> Replays = new([.. ManagementReplays.All, .. ImportReplays.All])
    {
        ["test_create_alias/create_alias"] = async c => await c.CallAsync("CreateAlias", ("AliasName", "mine"), ("TargetKeyId", await c.NewKeyAsync())),
        ["test_create_key/describe-key"] = async c => await c.CallAsync("DescribeKey", ("KeyId", await c.NewKeyAsync("test key 123"))),
        ["test_create_key_with_invalid_tag_key[lowercase_prefix]/invalid-tag-key"] = c => c.CreateTaggedAsync(("aws:key1", "value1")),
        ["test_create_key_with_invalid_tag_key[uppercase_prefix]/invalid-tag-key"] = c => c.CreateTaggedAsync(("AWS:key1", "value1")),
        ["test_create_key_with_invalid_tag_key[too_long_key]/invalid-tag-key"] = c => c.CreateTaggedAsync((new string('a', 129), "value1")),
        ["test_create_key_with_too_many_tags_raises_error/invalid-tag-key"] = c => c.CreateTaggedAsync([.. Enumerable.Range(0, 51).Select(i => ($"key{i}", "v"))]),
        ["test_key_with_long_tag_value_raises_error/too-long-tag-value"] = c => c.CreateTaggedAsync(("key1", new string('v', 257))),
        ["test_describe_with_alias_arn/created-key"] = async c => await c.CallAsync("CreateKey", ("Description", "test - description")),
        ["test_describe_with_alias_arn/describe-key"] = async c =>
        {
            string id = await c.NewKeyAsync("test - description");
            await c.CallAsync("CreateAlias", ("AliasName", "alias/mine"), ("TargetKeyId", id));
            return await c.CallAsync("DescribeKey", ("KeyId", $"arn:aws:kms:{World.Region}:{World.Account}:alias/mine"));
        },
        ["test_encrypt_decrypt_encryption_context/encrypt_response"] = async c => await c.EncryptAsync(await c.NewKeyAsync()),
        ["test_encrypt_decrypt_encryption_context/decrypt_response_with_encryption_context"] = async c =>
            await c.DecryptAsync(await c.EncryptAsync(await c.NewKeyAsync()), inContext: true),
        ["test_encrypt_decrypt_encryption_context/decrypt_response_without_encryption_context"] = async c =>
            await c.DecryptAsync(await c.EncryptAsync(await c.NewKeyAsync()), inContext: false),
        ["test_encrypt_decrypt_encryption_context/decrypt_response_with_invalid_ciphertext"] = c => c.CallAsync("Decrypt", ("CiphertextBlob", "AAAAAAAAAAAA")),
        ["test_error_messaging_for_invalid_keys/decrypt-invalid-key-id"] = async c =>
            await c.DecryptAsync(await c.EncryptAsync(await c.NewKeyAsync()), inContext: true, keyId: await c.NewKeyAsync()),
        ["test_error_messaging_for_invalid_keys/generate-mac-invalid-key-id"] = async c => await c.CallAsync(
            "GenerateMac", ("KeyId", await c.NewKeyAsync()), ("Message", "aGVsbG8="), ("MacAlgorithm", "HMAC_SHA_224")),
        ["test_generate_random_invalid_number_of_bytes[None]/generate-random-exc"] = c => c.CallAsync("GenerateRandom"),
        ["test_generate_random_invalid_number_of_bytes[0]/generate-random-exc"] = c => c.CallAsync("GenerateRandom", ("NumberOfBytes", 0)),
        ["test_generate_random_invalid_number_of_bytes[1025]/generate-random-exc"] = c => c.CallAsync("GenerateRandom", ("NumberOfBytes", 1025)),
        ["test_generate_random[1]/result_length"] = c => c.CallAsync("GenerateRandom", ("NumberOfBytes", 1)),
        ["test_generate_random[12]/result_length"] = c => c.CallAsync("GenerateRandom", ("NumberOfBytes", 12)),
        ["test_generate_random[44]/result_length"] = c => c.CallAsync("GenerateRandom", ("NumberOfBytes", 44)),
        ["test_generate_random[91]/result_length"] = c => c.CallAsync("GenerateRandom", ("NumberOfBytes", 91)),
        ["test_generate_random[1024]/result_length"] = c => c.CallAsync("GenerateRandom", ("NumberOfBytes", 1024)),
        ["test_get_key_does_not_exist/describe-key-with-valid-id-mrk"] = c => c.CallAsync("DescribeKey", ("KeyId", "mrk-d3b95762d3b95762d3b95762d3b95762")),
        ["test_get_key_does_not_exist/describe-nonexistent-key-with-id"] = c => c.CallAsync("DescribeKey", ("KeyId", Absent)),
        ["test_get_key_does_not_exist/describe-nonexistent-with-arn"] = c => c.CallAsync("DescribeKey", ("KeyId", KmsKey.ArnOf(World.Region, World.Account, Absent))),
        ["test_get_key_in_different_region/describe-key-diff-region-with-arn"] = async c =>
            await c.CallAsync("DescribeKey", ("KeyId", KmsKey.ArnOf("us-west-2", World.Account, await c.Elsewhere.NewKeyAsync()))),
        ["test_get_key_in_different_region/describe-key-diff-region-with-id"] = async c => await c.CallAsync("DescribeKey", ("KeyId", await c.Elsewhere.NewKeyAsync())),
        ["test_get_key_in_different_region/describe-key-same-specific-region-with-arn"] = async c =>
            await c.Elsewhere.CallAsync("DescribeKey", ("KeyId", KmsKey.ArnOf("us-west-2", World.Account, await c.Elsewhere.NewKeyAsync("test key 123")))),
        ["test_get_key_in_different_region/describe-key-same-specific-region-with-id"] = async c =>
            await c.Elsewhere.CallAsync("DescribeKey", ("KeyId", await c.Elsewhere.NewKeyAsync("test key 123"))),
        ["test_get_key_invalid_uuid/describe-key-with-invalid-uuid"] = c => c.CallAsync("DescribeKey", ("KeyId", "fake-key-id")),
        ["test_get_key_invalid_uuid/describe-key-with-invalid-uuid-2"] = c => c.CallAsync("DescribeKey", ("KeyId", "134f2428cec14b25a1ae9048164dba47")),
        ["test_get_key_invalid_uuid/describe-key-with-invalid-uuid-mrk"] = c => c.CallAsync("DescribeKey", ("KeyId", "mrk-fake-key-id")),
        ["test_key_rotation_updates_current_key_material_id_for_aws_symmetric_keys/describe-key-before-rotation"] = async c =>
            await c.CallAsync("DescribeKey", ("KeyId", await c.NewKeyAsync("test-key"))),
        ["test_key_rotation_updates_current_key_material_id_for_aws_symmetric_keys/describe-key-after-rotation"] = async c =>
        {
            string id = await c.NewKeyAsync("test-key");
            await c.CallAsync("RotateKeyOnDemand", ("KeyId", id));
            return await c.CallAsync("DescribeKey", ("KeyId", id));
        },
        ["test_key_rotations_encryption_decryption/bad-ciphertext"] = async c =>
        {
            string id = await c.NewKeyAsync();
            byte[] blob = Convert.FromBase64String((string)(await c.EncryptAsync(id)).Body!["CiphertextBlob"]!);
            await c.CallAsync("RotateKeyOnDemand", ("KeyId", id));
            return await c.CallAsync("Decrypt", ("KeyId", id), ("CiphertextBlob", Convert.ToBase64String(blob.AsSpan()[..^1])));
        },
        ["test_key_rotations_limits/error-response"] = async c =>
        {
            string id = await c.NewKeyAsync();
            for (int i = 0; i < 10; i++)
            {
                await c.CallAsync("RotateKeyOnDemand", ("KeyId", id));
            }

            return await c.CallAsync("RotateKeyOnDemand", ("KeyId", id));
        },
        ["test_plaintext_size_for_encrypt/invalid-plaintext-size-encrypt"] = async c =>
            await c.CallAsync("Encrypt", ("KeyId", await c.NewKeyAsync()), ("Plaintext", Convert.ToBase64String(new byte[4097]))),
        ["test_re_encrypt[SYMMETRIC_DEFAULT-SYMMETRIC_DEFAULT]/test_re_encrypt"] = async c =>
        {
            string source = await c.NewKeyAsync();
            return await c.ReEncryptAsync(await c.EncryptAsync(source), source, await c.NewKeyAsync());
        },
        ["test_re_encrypt_incorrect_source_key/incorrect-source-key"] = async c =>
            await c.ReEncryptAsync(await c.EncryptAsync(await c.NewKeyAsync()), await c.NewKeyAsync(), await c.NewKeyAsync()),
        ["test_rotate_key_on_demand_modifies_key_material/rotate-on-demand-response"] = RotateAsync,
        ["test_rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_disabled/rotate-on-demand-response"] = RotateAsync,
        ["test_rotate_on_demand_returns_arn_for_key_id/rotate-on-demand-aws-key"] = RotateAsync,
        ["test_rotate_key_on_demand_raises_error_given_key_is_disabled/error-response"] = async c =>
        {
            string id = await c.NewKeyAsync();
            await c.CallAsync("DisableKey", ("KeyId", id));
            return await c.CallAsync("RotateKeyOnDemand", ("KeyId", id));
        },
        ["test_rotate_key_on_demand_raises_error_given_key_that_does_not_exist/error-response"] = c => c.CallAsync("RotateKeyOnDemand", ("KeyId", Absent)),
        ["TestKMSGenerateKeys: test_encryption_context_generate_data_key/decrypt-without-encryption-context"] = async c =>
            await c.DecryptAsync(await c.GenerateDataKeyAsync(await c.NewKeyAsync(), inContext: true), inContext: false),
        ["TestKMSGenerateKeys: test_generate_data_key/generate-data-key-result"] = async c => await c.GenerateDataKeyAsync(await c.NewKeyAsync(), inContext: false),
        ["TestKMSGenerateKeys: test_encryption_context_generate_data_key_without_plaintext/decrypt-without-encryption-context"] = async c =>
            await c.DecryptAsync(await c.GenerateDataKeyAsync(await c.NewKeyAsync(), inContext: true, "WithoutPlaintext"), inContext: false),
        ["TestKMSGenerateKeys: test_generate_data_key_without_plaintext/generate-data-key-without-plaintext"] = async c =>
            await c.GenerateDataKeyAsync(await c.NewKeyAsync(), inContext: false, "WithoutPlaintext"),
    };

    /// <summary>What is not replayed, by the beginning of its name, and why.</summary>
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["test_error_messaging_for_invalid_keys/encrypt-"] = "there are no keys for signing",
        ["test_error_messaging_for_invalid_keys/sign-"] = "Sign is not here",
        ["test_error_messaging_for_invalid_keys/verify-"] = "Verify is not here",
        ["test_rotate_key_on_demand_raises_error_given_key_with_imported_"] = "since June 2025 AWS rotates keys with imported material, as the later recordings show",
    };

    private readonly World _world = new();

    public static TheoryData<string> Names() => [.. Replays.Keys];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public async Task An_answer_is_AWSs(string name)
    {
        JsonNode recorded = Recordings.All()[name];
        IServiceProvider instance = _world.NewInstance();
        var elsewhere = new ReplayClient(new KmsClient(_world, instance) { Region = "us-west-2" }, null);
        KmsResponse actual = await Replays[name](new ReplayClient(new KmsClient(_world, instance), elsewhere));
        // These were recorded in 2023; the materials' names came in 2025 (https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html).
        Recordings.AssertIs(
            recorded, actual, addedSince: name.Contains("generate_data_key", StringComparison.Ordinal) ? ["KeyMaterialId"]
            : name.Contains("re_encrypt", StringComparison.Ordinal) ? ["DestinationKeyMaterialId", "SourceKeyMaterialId"] : []);
    }

    [SkippableFact]
    public void Every_recorded_answer_is_replayed_or_left_out_for_a_reason()
    {
        IEnumerable<string> recorded = Recordings.All().Keys;
        Assert.All(recorded, name => Assert.True(Replays.ContainsKey(name) != LeftOut.Keys.Any(start => name.StartsWith(start, StringComparison.Ordinal)), name));
        Assert.All(LeftOut.Keys, start => Assert.Contains(recorded, name => name.StartsWith(start, StringComparison.Ordinal)));
    }

    public void Dispose() => _world.Dispose();

    private static async Task<KmsResponse> RotateAsync(ReplayClient client) => await client.CallAsync("RotateKeyOnDemand", ("KeyId", await client.NewKeyAsync()));
}
