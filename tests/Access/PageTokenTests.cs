using System.Buffers.Text;

namespace Serverless.Access.Tests;

public class PageTokenTests
{
    [Theory]
    [InlineData("a/key 😀\0")]
    [InlineData("")]
    public void A_token_gives_its_position_to_the_list_that_it_is_of_and_to_no_other(string position)
    {
        var token = PageToken.Seal(position, "list");
        Assert.Equal(position, PageToken.Open(token, "list"));
        Assert.Null(PageToken.Open(token, "another list"));
        Assert.True(Base64Url.IsValid(token));
    }

    [Fact]
    public void What_is_no_token_or_was_changed_gives_no_position()
    {
        var token = PageToken.Seal("position", "list");
        foreach (var wrong in (string[])["", "x", "!", "token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", token[..^1], token + "A", Base64Url.EncodeToString(new byte[15]),
            Base64Url.EncodeToString([0xFF, .. new byte[16]])])
        {
            Assert.Null(PageToken.Open(wrong, "list"));
        }
        for (var i = 0; i < token.Length - 1; i++)
        {
            Assert.Null(PageToken.Open($"{token[..i]}{(token[i] == 'A' ? 'B' : 'A')}{token[(i + 1)..]}", "list"));
        }
    }
}
