using System.Security.Cryptography;

namespace Serverless.Keys.Tests;

/// <summary>The inputs behind AWS's recorded answers to the operations that import material, and to others on keys with imported material.</summary>
internal static class ImportReplays
{
    private const string Pending = "test_import_key_material_raises_if_there_is_already_key_material_pending";
    private const string Symmetric = "test_import_key_symmetric";
    private const string Previous = "test_rotate_key_on_demand_for_external_keys_decrypts_with_previous_material";
    private const string NoMaterial = "test_rotate_key_on_demand_on_external_key_with_no_key_material[SYMMETRIC_DEFAULT]";
    private const string Rotated = "test_rotate_key_on_demand_updates_current_key_material_for_external_keys";

    public static Dictionary<string, Func<ReplayClient, Task<KmsResponse>>> All { get; } = new()
    {
        ["test_get_parameters_for_import/response-error"] = async c => await ParametersAsync(c, await c.NewKeyAsync()),
        ["test_get_parameters_for_import_raises_for_non_external_kms_keys/get-import-parameters-error"] = async c => await ParametersAsync(c, await c.NewKeyAsync()),
        [$"{Pending}/import-initial-material-response"] = async c => await ImportAsync(c, await NewAsync(c)),
        [$"{Pending}/import-pending-material-response"] = async c => await ImportNewAsync(c, await ImportedAsync(c)),
        [$"{Pending}/existing-pending-material-error"] = async c => await ImportNewAsync(c, await PendingAsync(c)),
        [$"{Symmetric}/created-key"] = c => CreateAsync(c, "of a test"),
        [$"{Symmetric}/describe-key-before-import"] = async c => await DescribeAsync(c, await NewAsync(c, "of a test")),
        [$"{Symmetric}/encrypt-before-import-error"] = async c => await c.EncryptAsync(await NewAsync(c)),
        [$"{Symmetric}/import-expiring-key-without-valid-to"] = async c =>
            await c.Owner.ImportAsync(await NewAsync(c), Material(), new() { ["ExpirationModel"] = "KEY_MATERIAL_EXPIRES" }),
        [$"{Symmetric}/describe-key-after-import"] = async c => await DescribeAsync(c, await ImportedAsync(c, "of a test")),
        [$"{Symmetric}/describe-key-after-deleted-import"] = async c => await DescribeAsync(c, await EmptiedAsync(c, "of a test")),
        [$"{Symmetric}/encrypt-after-delete-error"] = async c => await c.EncryptAsync(await EmptiedAsync(c)),
        [$"{Previous}/create-kms-external-key"] = c => CreateAsync(c, "test-key"),
        [$"{Previous}/import-key-material-response"] = async c => await ImportAsync(c, await NewAsync(c)),
        [$"{Previous}/kms-encrypt-initial-response"] = async c => await c.EncryptAsync(await ImportedAsync(c)),
        [$"{Previous}/rotate-key-on-demand-response"] = async c => await RotateAsync(c, await PendingAsync(c)),
        [$"{NoMaterial}/create-kms-external-key"] = c => CreateAsync(c, "test-key"),
        [$"{NoMaterial}/rotate-key-on-demand-error-response-SYMMETRIC_DEFAULT"] = async c => await RotateAsync(c, await NewAsync(c)),
        ["test_rotate_key_on_demand_raises_for_no_pending_key_material/rotate-key-on-demand-invalid-state-error"] = async c => await RotateAsync(c, await ImportedAsync(c)),
        [$"{Rotated}/create-kms-external-key"] = c => CreateAsync(c, "test-key"),
        [$"{Rotated}/describe-empty-key-response"] = async c => await DescribeAsync(c, await NewAsync(c)),
        [$"{Rotated}/get-import-parameters-response"] = async c => await ParametersAsync(c, await NewAsync(c)),
        [$"{Rotated}/import-key-material-response"] = async c => await ImportAsync(c, await NewAsync(c)),
        [$"{Rotated}/describe-key-with-material-response"] = async c => await DescribeAsync(c, await ImportedAsync(c)),
        [$"{Rotated}/kms-encrypt-initial-response"] = async c => await c.EncryptAsync(await ImportedAsync(c)),
        [$"{Rotated}/import-new-key-material-response"] = async c => await ImportNewAsync(c, await ImportedAsync(c)),
        [$"{Rotated}/describe-key-with-new-material-response"] = async c => await DescribeAsync(c, await PendingAsync(c)),
        [$"{Rotated}/rotate-key-on-demand-response"] = async c => await RotateAsync(c, await PendingAsync(c)),
        [$"{Rotated}/describe-key-after-rotation"] = async c => await DescribeAsync(c, await RotatedAsync(c)),
        [$"{Rotated}/kms-encrypt-rotated-key-response"] = async c => await c.EncryptAsync(await RotatedAsync(c)),
    };

    private static byte[] Material() => RandomNumberGenerator.GetBytes(32);

    private static Task<KmsResponse> CreateAsync(ReplayClient c, string description) => c.CallAsync("CreateKey", ("Description", description), ("Origin", "EXTERNAL"));

    private static Task<KmsResponse> DescribeAsync(ReplayClient c, string id) => c.CallAsync("DescribeKey", ("KeyId", id));

    private static Task<KmsResponse> ParametersAsync(ReplayClient c, string id) =>
        c.CallAsync("GetParametersForImport", ("KeyId", id), ("WrappingAlgorithm", "RSAES_OAEP_SHA_256"), ("WrappingKeySpec", "RSA_2048"));

    private static Task<KmsResponse> ImportAsync(ReplayClient c, string id) => c.Owner.ImportAsync(id, Material());

    private static Task<KmsResponse> ImportNewAsync(ReplayClient c, string id) =>
        c.Owner.ImportAsync(id, Material(), new() { ["ImportType"] = "NEW_KEY_MATERIAL" });

    private static Task<KmsResponse> RotateAsync(ReplayClient c, string id) => c.CallAsync("RotateKeyOnDemand", ("KeyId", id));

    private static async Task<string> NewAsync(ReplayClient c, string description = "test-key") => (string)(await CreateAsync(c, description)).Body!["KeyMetadata"]!["KeyId"]!;

    private static async Task<string> ImportedAsync(ReplayClient c, string description = "test-key")
    {
        string id = await NewAsync(c, description);
        await ImportAsync(c, id);
        return id;
    }

    private static async Task<string> EmptiedAsync(ReplayClient c, string description = "test-key")
    {
        string id = await ImportedAsync(c, description);
        await c.CallAsync("DeleteImportedKeyMaterial", ("KeyId", id));
        return id;
    }

    private static async Task<string> PendingAsync(ReplayClient c)
    {
        string id = await ImportedAsync(c);
        await ImportNewAsync(c, id);
        return id;
    }

    private static async Task<string> RotatedAsync(ReplayClient c)
    {
        string id = await PendingAsync(c);
        await RotateAsync(c, id);
        return id;
    }
}
