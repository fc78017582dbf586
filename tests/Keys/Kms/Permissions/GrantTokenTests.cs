using System.Security.Cryptography;

namespace Serverless.Keys.Tests;

public sealed class GrantTokenTests
{
    [Fact]
    public void A_token_is_of_its_grant_and_no_two_are_alike()
    {
        KmsGrant grant = NewGrant();
        (string one, string two) = (GrantToken.Create(grant), GrantToken.Create(grant));
        Assert.NotEqual(one, two);
        foreach (string text in new[] { one, two })
        {
            Assert.True(GrantToken.TryParse(text, out GrantToken? token));
            Assert.Equal((grant.KeyId, grant.Id), (token.KeyId, token.GrantId));
            Assert.True(token.IsOf(grant));
            Assert.False(token.IsOf(grant with { Id = NewGrant().Id }));
            Assert.False(token.IsOf(grant with { KeyId = NewGrant().KeyId }));
            Assert.False(token.IsOf(grant with { TokenKey = NewGrant().TokenKey }));
        }
    }

    [Fact]
    public void A_token_with_any_bit_changed_is_none()
    {
        KmsGrant grant = NewGrant();
        byte[] bytes = Convert.FromBase64String(GrantToken.Create(grant));
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.False(GrantToken.TryParse(Convert.ToBase64String(bytes), out GrantToken? token) && token.IsOf(grant));
            bytes[i] ^= 1;
        }

        Assert.True(GrantToken.TryParse(Convert.ToBase64String(bytes), out GrantToken? whole) && whole.IsOf(grant));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("?")]
    public void What_has_not_the_form_of_a_token_is_none(string text)
    {
        Assert.False(GrantToken.TryParse(text, out _));
        Assert.False(GrantToken.TryParse(GrantToken.Create(NewGrant()) + text, out GrantToken? longer) && text.Length > 0 && longer is not null);
    }

    private static KmsGrant NewGrant() => new()
    {
        Region = "eu-central-1",
        KeyId = Guid.NewGuid().ToString(),
        Id = RandomNumberGenerator.GetHexString(64, lowercase: true),
        Grantee = new("arn", "id"),
        Operations = ["Decrypt"],
        CreatedAt = default,
        TokenKey = RandomNumberGenerator.GetBytes(KmsGrant.TokenKeySize),
    };
}
