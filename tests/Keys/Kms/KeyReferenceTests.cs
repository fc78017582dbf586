namespace Serverless.Keys.Tests;

public sealed class KeyReferenceTests
{
    private const string Id = "134f2428-cec1-4b25-a1ae-9048164dba47";
    private const string ArnStart = "arn:aws:kms:eu-central-1:111111111111:";

    [Theory]
    [InlineData(Id)]
    [InlineData(ArnStart + "key/" + Id)]
    public void A_key_id_and_a_key_ARN_name_a_key(string text) => Assert.Equal((Id, null), Parse(text));

    [Theory]
    [InlineData("alias/a/b_C-1")]
    [InlineData(ArnStart + "alias/a/b_C-1")]
    public void An_alias_name_and_an_alias_ARN_name_an_alias(string text) => Assert.Equal((null, "alias/a/b_C-1"), Parse(text));

    [Fact]
    public void A_multi_Region_key_id_has_the_form_of_one() => Assert.Equal("mrk-0123456789abcdef0123456789abcdef", Parse("mrk-0123456789abcdef0123456789abcdef").KeyId);

    [Theory]
    [InlineData("fake-key-id", "Invalid keyId 'fake-key-id'")]
    [InlineData("", "Invalid keyId ''")]
    [InlineData("134f2428cec14b25a1ae9048164dba47", "Invalid keyId '134f2428cec14b25a1ae9048164dba47'")]
    [InlineData("mrk-fake-key-id", "Invalid keyId 'mrk-fake-key-id'")]
    [InlineData(Id + "\n", "Invalid keyId '" + Id + "\n'")]
    [InlineData("arn:aws:kms", "Invalid keyId 'arn:aws:kms'")]
    [InlineData("arn:aws:s3:eu-central-1:111111111111:key/" + Id, "Invalid keyId 'arn:aws:s3:eu-central-1:111111111111:key/" + Id + "'")]
    [InlineData(ArnStart + "key/alias/x", "Invalid keyId '" + ArnStart + "key/alias/x'")]
    [InlineData(ArnStart + Id, "Invalid keyId '" + ArnStart + Id + "'")]
    [InlineData("arn:aws:kms:us-west-2:111111111111:key/" + Id, "Invalid arn us-west-2")]
    [InlineData("arn:aws:kms:eu-central-1:222222222222:key/" + Id, "Key 'arn:aws:kms:eu-central-1:222222222222:key/" + Id + "' does not exist")]
    [InlineData("arn:aws:kms:eu-central-1:222222222222:alias/x", "Alias arn:aws:kms:eu-central-1:222222222222:alias/x is not found.")]
    [InlineData("alias/", "Alias " + ArnStart + "alias/ is not found.")]
    [InlineData("alias/what?", "Alias " + ArnStart + "alias/what? is not found.")]
    public void Anything_else_is_not_found_in_KMSs_words(string text, string message)
    {
        KmsError error = Assert.Throws<KmsException>(() => Parse(text)).Error;
        Assert.Equal(("NotFoundException", message, 400), (error.Code, error.Message, error.Status));
    }

    private static (string? KeyId, string? Alias) Parse(string text)
    {
        KeyReference reference = KeyReference.Parse(text, "eu-central-1", "111111111111");
        return (reference.KeyId, reference.Alias);
    }
}
