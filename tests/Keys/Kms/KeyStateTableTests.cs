namespace Serverless.Keys.Tests;

public sealed class KeyStateTableTests
{
    private const string None = "";
    private const string Disabled = "DisabledException ARN is disabled.";
    private const string Pending = "KMSInvalidStateException ARN is pending deletion.";
    private const string NotPending = "KMSInvalidStateException ARN is not pending deletion.";

    private static readonly KmsKey Key = new() { Region = "us-east-1", AccountId = "111111111111", Id = "k", CreatedAt = default, CurrentMaterialId = "" };

    /// <summary>The table of https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html, the operations that exist here: Enabled, Disabled, PendingDeletion.</summary>
    private static readonly Dictionary<string, string[]> Expected = new()
    {
        ["DescribeKey"] = [None, None, None],
        ["ListAliases"] = [None, None, None],
        ["EnableKey"] = [None, None, Pending],
        ["DisableKey"] = [None, None, Pending],
        ["ScheduleKeyDeletion"] = [None, None, Pending],
        ["CancelKeyDeletion"] = [NotPending, NotPending, None],
        ["CreateAlias"] = [None, None, Pending],
        ["RotateKeyOnDemand"] = [None, Disabled, Pending],
        ["GenerateDataKey"] = [None, Disabled, Pending],
        ["Encrypt"] = [None, Disabled, Pending],
        ["Decrypt"] = [None, Disabled, Pending],
        ["ReEncrypt"] = [None, Disabled, Pending],
    };

    public static TheoryData<string, KeyState, string> Cells()
    {
        var cells = new TheoryData<string, KeyState, string>();
        foreach ((string operation, string[] outcomes) in Expected)
        {
            foreach (KeyState state in Enum.GetValues<KeyState>())
            {
                cells.Add(operation, state, outcomes[(int)state]);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_state_admits_an_operation_or_says_why_not(string operation, KeyState state, string expected)
    {
        KmsError? refusal = KeyStateTable.Refusal(Enum.Parse<KmsOperation>(operation), Key with { State = state });
        Assert.Equal(expected.Replace("ARN", Key.Arn, StringComparison.Ordinal), refusal is null ? None : $"{refusal.Code} {refusal.Message}");
    }

    [Fact]
    public void Every_operation_on_an_existing_key_is_in_the_table()
    {
        KmsOperation[] onNoKey = [KmsOperation.CreateKey, KmsOperation.ListKeys];
        Assert.Equal(Enum.GetValues<KmsOperation>().Except(onNoKey).Select(o => o.ToString()).Order(), Expected.Keys.Order());
    }
}
