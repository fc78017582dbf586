using System.Text;
using CsCheck;

namespace Serverless.Access.Tests;

/// <summary>What is refused before an operation looks at a user.</summary>
public sealed class QueryProtocolTests : IAsyncDisposable
{
    private const string IamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/";

    private readonly AccessWorld world = new();
    private readonly QueryClient root;

    public QueryProtocolTests() => root = world.NewClient();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Theory]
    [InlineData("", 400, "MissingAction", "The request must contain the parameter Action.")]
    [InlineData("Version=2010-05-08", 400, "MissingAction", "The request must contain the parameter Action.")]
    [InlineData("Action=CreateRole&Version=2010-05-08&RoleName=r", 400, "InvalidAction", "Could not find operation CreateRole for version 2010-05-08")]
    [InlineData("Action=createuser&Version=2010-05-08", 400, "InvalidAction", "Could not find operation createuser for version 2010-05-08")]
    [InlineData("Action=%3Cscript%3E%26&Version=2010-05-08", 400, "InvalidAction", "Could not find operation <script>& for version 2010-05-08")]
    [InlineData("Action=GetCallerIdentity&Version=2010-05-08", 400, "InvalidAction", "Could not find operation GetCallerIdentity for version 2010-05-08")]
    [InlineData("Action=ListUsers", 400, "InvalidAction", "Could not find operation ListUsers for version NO_VERSION_SPECIFIED")]
    [InlineData("Action=ListUsers&Version=2011-06-15", 400, "InvalidAction", "Could not find operation ListUsers for version 2011-06-15")]
    [InlineData("Action=ListUsers&Action=ListUsers&Version=2010-05-08", 400, "InvalidQueryParameter", "The parameter Action is there more than once.")]
    [InlineData("Action=GetUser&Version=2010-05-08&UserName=a&UserName=b", 400, "InvalidQueryParameter", "The parameter UserName is there more than once.")]
    [InlineData("Action=GetUser&Version=2010-05-08&UserNames=a", 400, "InvalidQueryParameter", "The parameter UserNames is not supported by GetUser.")]
    [InlineData("Action=GetUser&Version=2010-05-08&UserName.member.1=a", 400, "InvalidQueryParameter", "The parameter UserName.member.1 is not supported by GetUser.")]
    [InlineData("Action=GetUser&Version=2010-05-08&=a", 400, "InvalidQueryParameter", "The parameter  is not supported by GetUser.")]
    [InlineData("Action=GetUser&Version=2010-05-08&UserName=%", 400, "InvalidQueryParameter", "The parameters are not well-formed.")]
    [InlineData("Action=GetUser&Version=2010-05-08&UserName=%zz", 400, "InvalidQueryParameter", "The parameters are not well-formed.")]
    [InlineData("Action=GetUser&Version=2010-05-08&UserName=%ff", 400, "InvalidQueryParameter", "The parameters are not well-formed.")]
    [InlineData("Action=GetUser%00&Version=2010-05-08", 400, "InvalidQueryParameter", "The parameters are not well-formed.")]
    [InlineData("Action=GetUser&Version=2010-05-08&%EF%BF%BE=a", 400, "InvalidQueryParameter", "The parameters are not well-formed.")]
    public async Task A_form_of_another_shape_is_no_request(string form, int status, string code, string message)
    {
        var refused = await root.SendAsync(form);
        Assert.Equal((status, code, message, IamNamespace), (refused.Status, refused.ErrorCode, refused.ErrorMessage, refused.Namespace));
        Assert.Equal("Sender", refused.Document.Element("Error")!.Element("Type")!.Value);
    }

    [Fact]
    public async Task A_form_of_more_than_64_KiB_is_too_large()
    {
        var refused = await root.SendAsync("Action=ListUsers&Version=2010-05-08&Marker=" + new string('m', QueryForm.MaxBodySize));
        Assert.Equal((413, "RequestEntityTooLarge"), (refused.Status, refused.ErrorCode));
        Assert.Equal("ValidationError", (await root.SendAsync("Action=ListUsers&Version=2010-05-08&Marker=".PadRight(QueryForm.MaxBodySize, 'm'))).ErrorCode);
    }

    [Fact]
    public async Task An_unsigned_request_is_refused_and_not_recorded()
    {
        var refused = await root.SendAsync("Action=ListUsers&Version=2010-05-08", signs: false);
        Assert.Equal((403, "MissingAuthenticationToken", "Request is missing Authentication Token"), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        Assert.Empty(world.Trail.Calls);
    }

    [Theory]
    [InlineData("us-east-1", true)]
    [InlineData("eu-central-1", true)]
    [InlineData("aws-global", true)]
    [InlineData("", false)]
    [InlineData("US_EAST", false)]
    public async Task The_region_is_any(string region, bool isOne)
    {
        var answer = await (root with { Region = region }).CallAsync("ListUsers");
        Assert.Equal(isOne ? (200, null) : (403, "SignatureDoesNotMatch"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task A_presigned_query_is_a_request_too()
    {
        await root.AnswerAsync("CreateUser", ("UserName", "bob"));
        Assert.Equal("bob", (await root.GetAsync("Action=GetUser&Version=2010-05-08&UserName=bob"))["UserName"]);
        Assert.Equal("InvalidQueryParameter", (await root.GetAsync("Action=GetUser&Version=2010-05-08&UserName=bob&Other=x")).ErrorCode);
    }

    [Fact]
    public async Task A_store_that_fails_is_answered_with_500_and_none_of_its_words()
    {
        world.Store.Before = _ => throw new IOException("secret detail");
        var refused = await root.CallAsync("ListUsers");
        Assert.Equal((500, "ServiceFailure", "The request processing has failed because of an unknown error, exception or failure."), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
    }

    [Fact]
    public async Task Whatever_a_form_holds_the_answer_is_well_formed_and_no_failure_of_the_service()
    {
        string[] actions = ["CreateUser", "GetUser", "ListUsers", "UpdateUser", "TagUser", "PutUserPolicy", "CreateAccessKey", "GetAccessKeyLastUsed", "Other"];
        string[] names = ["Action", "Version", "UserName", "Path", "Tags", "Tags.member.1.Key", "Tags.member.1.Value", "Tags.member.", "MaxItems", "Marker", "PolicyName", "PolicyDocument", "AccessKeyId", "Status"];
        var value = Gen.OneOf(Gen.OneOf("", "a", "2010-05-08", "/", "*", "%41", "{}", "AKIAIOSFODNN7EXAMPLE", "Active", "-1"), Gen.String[0, 20].Select(Uri.EscapeDataString), Gen.Char[(char)32, (char)126].Array[0, 10].Select(text => new string(text)));
        var pair = Gen.Select(Gen.OneOf(Gen.OneOf(names), value), value, (name, text) => $"{name}={text}");
        var form = Gen.Select(Gen.OneOf(actions), pair.Array[0, 6], (action, pairs) => string.Join('&', pairs.Prepend($"Action={action}&Version=2010-05-08")));
        await form.SampleAsync(async text =>
        {
            var answer = await root.SendAsync(text);
            Assert.True(answer.Status < 500, $"{text}\n{answer.Text}");
        }, iter: 500);
    }

    [Fact]
    public void A_failed_authentication_has_the_query_protocols_names()
    {
        Assert.Equal(new("InvalidClientTokenId", 403, "The security token included in the request is invalid."), SignatureErrors.ForQuery(AccessErrors.InvalidAccessKeyId("AKIA")));
        Assert.Equal(new("InvalidClientTokenId", 403, "The security token included in the request is invalid."), SignatureErrors.ForQuery(AccessErrors.InvalidToken));
        Assert.Equal(("SignatureDoesNotMatch", 403), CodeOf(AccessErrors.SignatureDoesNotMatch("AKIA", "to sign"u8, "signature", default)));
        Assert.Equal(("SignatureDoesNotMatch", 403), CodeOf(AccessErrors.RequestTimeTooSkewed("then", default)));
        Assert.Equal(("IncompleteSignature", 400), CodeOf(AccessErrors.MalformedHeader("detail")));
        Assert.Equal(("IncompleteSignature", 400), CodeOf(AccessErrors.UnsupportedAuthorizationType));
        Assert.Equal(("RequestEntityTooLarge", 413), CodeOf(AccessErrors.EntityTooLarge));
        Assert.Equal(("ServiceUnavailable", 503), CodeOf(AccessErrors.ServiceUnavailable));

        static (string, int) CodeOf(AccessError error) => (SignatureErrors.ForQuery(error).Code, SignatureErrors.ForQuery(error).Status);
    }
}
