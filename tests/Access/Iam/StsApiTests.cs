namespace Serverless.Access.Tests;

public sealed class StsApiTests : IAsyncDisposable
{
    private readonly AccessWorld world = new();
    private readonly QueryClient root;

    public StsApiTests() => root = world.NewClient();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task Whoever_signs_may_ask_who_it_is_whatever_its_policies_say()
    {
        Assert.Equal(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:root</Arn>"
            + "<UserId>123456789012</UserId><Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
            (await (root with { Service = "sts" }).AnswerAsync("GetCallerIdentity")).Text);
        var bob = await root.NewUserAsync("bob", """{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}""");
        var asked = await (bob with { Service = "sts", Region = "eu-central-1" }).AnswerAsync("GetCallerIdentity");
        Assert.Equal(("arn:aws:iam::123456789012:user/bob", "123456789012", (await root.AnswerAsync("GetUser", ("UserName", "bob")))["UserId"]), (asked["Arn"], asked["Account"], asked["UserId"]));
    }

    [Fact]
    public async Task A_presigned_address_tells_who_signed_it() =>
        Assert.Equal(AccessWorld.RootArn, (await (root with { Service = "sts", Region = "eu-west-1" }).GetAsync("Action=GetCallerIdentity&Version=2011-06-15"))["Arn"]);

    [Theory]
    [InlineData("AssumeRole", "AssumeRole is not supported: this service has no temporary credentials.")]
    [InlineData("GetSessionToken", "GetSessionToken is not supported: this service has no temporary credentials.")]
    [InlineData("DecodeAuthorizationMessage", "Could not find operation DecodeAuthorizationMessage for version 2011-06-15")]
    [InlineData("ListUsers", "Could not find operation ListUsers for version 2011-06-15")]
    public async Task What_is_not_here_is_refused(string action, string message)
    {
        var refused = await (root with { Service = "sts" }).CallAsync(action);
        Assert.Equal((400, "InvalidAction", message, "https://sts.amazonaws.com/doc/2011-06-15/"), (refused.Status, refused.ErrorCode, refused.ErrorMessage, refused.Namespace));
    }

    [Fact]
    public async Task Without_a_signature_nobody_is_told_anything() =>
        Assert.Equal("MissingAuthenticationToken", (await (root with { Service = "sts" }).SendAsync("Action=GetCallerIdentity&Version=2011-06-15", signs: false)).ErrorCode);
}
