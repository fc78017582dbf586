namespace Serverless.Keys.Tests;

public sealed class KeyStateTableTests
{
    /// <summary>The operations that are on no existing key, or (ListRetirableGrants) on no one key.</summary>
    private static readonly string[] OnNoKey = ["CreateKey", "ListKeys", "ListRetirableGrants", "GenerateRandom"];

    /// <summary>
    /// The table of https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html: Enabled, Disabled, Pending deletion, Pending import; y, or the number of the
    /// page's note. Where the page leaves a choice ("[2] or [3]"), [3]; HMAC keys, which can be pending import since, are as other keys in use. RotateKeyOnDemand is as in AWS's
    /// recorded answers, and ListKeyRotations shows a key's materials while they wait to be imported.
    /// </summary>
    private const string Table = """
        CancelKeyDeletion               4 4 y 4
        CreateAlias                     y y 3 y
        CreateGrant                     y 1 3 5
        Decrypt                         y 1 3 5
        DeleteAlias                     y y y y
        DeleteImportedKeyMaterial       y y y y
        DescribeKey                     y y y y
        DisableKey                      y y 3 5
        DisableKeyRotation              y 1 3 6
        EnableKey                       y y 3 5
        EnableKeyRotation               y 1 3 6
        Encrypt                         y 1 3 5
        GenerateDataKey                 y 1 3 5
        GenerateDataKeyWithoutPlaintext y 1 3 5
        GenerateMac                     y 1 3 5
        GetKeyPolicy                    y y y y
        GetKeyRotationStatus            y y y 6
        GetParametersForImport          y y 3 y
        ImportKeyMaterial               y y 3 y
        ListAliases                     y y y y
        ListGrants                      y y y y
        ListKeyPolicies                 y y y y
        ListKeyRotations                y y y y
        ListResourceTags                y y y y
        PutKeyPolicy                    y y y y
        ReEncrypt                       y 1 3 5
        RetireGrant                     y y y y
        RevokeGrant                     y y y y
        RotateKeyOnDemand               y 1 3 5
        ScheduleKeyDeletion             y y 3 y
        TagResource                     y y 3 y
        UntagResource                   y y 3 y
        UpdateAlias                     y y 3 y
        UpdateKeyDescription            y y 3 y
        VerifyMac                       y 1 3 5
        """;

    private static readonly KmsKey Key = new() { Region = "us-east-1", AccountId = "111111111111", Id = "k", CreatedAt = default, CurrentMaterialId = "" };

    private static readonly Dictionary<string, string> Notes = new()
    {
        ["y"] = "",
        ["1"] = "DisabledException ARN is disabled.",
        ["3"] = "KMSInvalidStateException ARN is pending deletion.",
        ["4"] = "KMSInvalidStateException ARN is not pending deletion.",
        ["5"] = "KMSInvalidStateException ARN is pending import.",
        ["6"] = "UnsupportedOperationException ARN origin is EXTERNAL which is not valid for this operation.",
    };

    public static TheoryData<string, KeyState, string> Cells()
    {
        var cells = new TheoryData<string, KeyState, string>();
        foreach (string[] row in Rows())
        {
            foreach (KeyState state in Enum.GetValues<KeyState>())
            {
                cells.Add(row[0], state, Notes[row[1 + (int)state]]);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_state_admits_an_operation_or_says_why_not(string operation, KeyState state, string expected)
    {
        KmsError? refusal = KeyStateTable.Refusal(Enum.Parse<KmsOperation>(operation), Key with { State = state });
        Assert.Equal(expected.Replace("ARN", Key.Arn, StringComparison.Ordinal), refusal is null ? "" : $"{refusal.Code} {refusal.Message}");
    }

    [Fact]
    public void Every_operation_is_in_the_table_or_on_no_key() =>
        Assert.Equal(Enum.GetNames<KmsOperation>().Order(), Rows().Select(row => row[0]).Concat(OnNoKey).Order());

    private static IEnumerable<string[]> Rows() => Table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
