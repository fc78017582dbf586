using System.Text.Json.Nodes;

namespace Serverless.Access.Tests;

/// <summary>What is on the audit trail, and that nothing changes without it.</summary>
public sealed class RecordingTests : IAsyncDisposable
{
    private const string Document = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""";

    private readonly AccessWorld world = new();
    private readonly QueryClient root;

    public RecordingTests() => root = world.NewClient();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task Every_change_is_recorded_as_CloudTrail_records_it()
    {
        var id = (await root.AnswerAsync("CreateUser", ("UserName", "bob"), ("Path", "/p/"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")))["UserId"];
        Last("CreateUser", "user/p/bob", """{"userName":"bob","path":"/p/","tags":[{"key":"k","value":"v"}]}""",
            $$$"""{"user":{"path":"/p/","userName":"bob","userId":"{{{id}}}","arn":"arn:aws:iam::123456789012:user/p/bob","createDate":"Mar 5, 2026 9:04:07 AM"}}""");
        await root.AnswerAsync("PutUserPolicy", ("UserName", "bob"), ("PolicyName", "p"), ("PolicyDocument", Document));
        Last("PutUserPolicy", "user/p/bob", $$"""{"userName":"bob","policyName":"p","policyDocument":{{JsonValue.Create(Document).ToJsonString()}}}""", null);
        var key = await root.AnswerAsync("CreateAccessKey", ("UserName", "bob"));
        Last("CreateAccessKey", "user/p/bob", """{"userName":"bob"}""",
            $$$"""{"accessKey":{"userName":"bob","accessKeyId":"{{{key["AccessKeyId"]}}}","status":"Active","createDate":"Mar 5, 2026 9:04:07 AM"}}""");
        await root.AnswerAsync("UpdateAccessKey", ("UserName", "bob"), ("AccessKeyId", key["AccessKeyId"]!), ("Status", "Inactive"));
        Last("UpdateAccessKey", "user/p/bob", $$"""{"userName":"bob","accessKeyId":"{{key["AccessKeyId"]}}","status":"Inactive"}""", null);
        await root.AnswerAsync("DeleteAccessKey", ("UserName", "bob"), ("AccessKeyId", key["AccessKeyId"]!));
        Last("DeleteAccessKey", "user/p/bob", $$"""{"userName":"bob","accessKeyId":"{{key["AccessKeyId"]}}"}""", null);
        await root.AnswerAsync("DeleteUserPolicy", ("UserName", "bob"), ("PolicyName", "p"));
        Last("DeleteUserPolicy", "user/p/bob", """{"userName":"bob","policyName":"p"}""", null);
        await root.AnswerAsync("UntagUser", ("UserName", "bob"), ("TagKeys.member.1", "k"));
        Last("UntagUser", "user/p/bob", """{"userName":"bob","tagKeys":["k"]}""", null);
        await root.AnswerAsync("DeleteUser", ("UserName", "bob"));
        Last("DeleteUser", "user/p/bob", """{"userName":"bob"}""", null);
        Assert.Equal(8, world.Trail.Calls.Count);
        Assert.All(world.Trail.Calls, call => Assert.DoesNotContain(key["SecretAccessKey"]!, $"{call.Parameters?.ToJsonString()}{call.Response?.ToJsonString()}", StringComparison.Ordinal));

        void Last(string action, string resource, string parameters, string? response)
        {
            var call = world.Trail.Last;
            Assert.Equal((action, $"arn:aws:iam::123456789012:{resource}", false, null), (call.Action, call.UserArn, call.IsReadOnly, call.Refusal));
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(parameters), call.Parameters), call.Parameters?.ToJsonString());
            Assert.True(JsonNode.DeepEquals(response is null ? null : JsonNode.Parse(response), call.Response), call.Response?.ToJsonString());
            Assert.Equal((AccessWorld.RootArn, SigningClient.ExampleKeyId), (call.Caller.Principal.Arn, call.Caller.Principal.AccessKeyId));
        }
    }

    /// <summary>Whoever looks for what became of a user knows the name that it had.</summary>
    [Fact]
    public async Task A_renaming_is_recorded_of_the_user_as_it_was_called_and_so_is_its_refusal()
    {
        await root.AnswerAsync("CreateUser", ("UserName", "bob"));
        var clerk = await root.NewUserAsync("clerk", """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:UpdateUser","Resource":"arn:aws:iam::123456789012:user/bob"}]}""");
        foreach (var (client, refusal) in new[] { (clerk, "AccessDenied"), (root, null) })
        {
            await client.CallAsync("UpdateUser", ("UserName", "bob"), ("NewUserName", "rob"), ("NewPath", "/x/"));
            var call = world.Trail.Last;
            Assert.Equal(("UpdateUser", "arn:aws:iam::123456789012:user/bob", refusal), (call.Action, call.UserArn, call.Refusal?.Code));
            Assert.Equal("""{"userName":"bob","newUserName":"rob","newPath":"/x/"}""", call.Parameters!.ToJsonString());
        }
    }

    [Fact]
    public async Task Reading_is_not_recorded_unless_it_is_refused()
    {
        await root.NewUserAsync("bob", Document);
        var before = world.Trail.Calls.Count;
        await root.AnswerAsync("GetUser");
        await root.AnswerAsync("GetUser", ("UserName", "bob"));
        await root.AnswerAsync("ListUsers");
        await root.AnswerAsync("ListAccessKeys", ("UserName", "bob"));
        await root.AnswerAsync("GetUserPolicy", ("UserName", "bob"), ("PolicyName", "policy-0"));
        await (root with { Service = "sts" }).AnswerAsync("GetCallerIdentity");
        Assert.Equal(before, world.Trail.Calls.Count);
        await root.CallAsync("GetUser", ("UserName", "nobody"));
        Assert.Equal(("GetUser", true, "NoSuchEntity"), (world.Trail.Last.Action, world.Trail.Last.IsReadOnly, world.Trail.Last.Refusal!.Code));
    }

    [Fact]
    public async Task Refusals_are_recorded_without_what_would_have_been_made()
    {
        await root.CallAsync("CreateUser", ("UserName", "a/b"));
        Assert.Equal(("CreateUser", "ValidationError", """{"userName":"a/b"}"""), (world.Trail.Last.Action, world.Trail.Last.Refusal!.Code, world.Trail.Last.Parameters!.ToJsonString()));
        await root.AnswerAsync("CreateUser", ("UserName", "bob"));
        await root.CallAsync("CreateUser", ("UserName", "bob"));
        Assert.Equal(("EntityAlreadyExists", null), (world.Trail.Last.Refusal!.Code, world.Trail.Last.Response));
        await root.CallAsync("CreateUser", ("UserName", "bob"), ("Unknown", "x"));
        Assert.Equal("InvalidQueryParameter", world.Trail.Last.Refusal!.Code);
    }

    [Theory]
    [InlineData("CreateUser UserName=new")]
    [InlineData("UpdateUser UserName=bob NewPath=/x/")]
    [InlineData("DeleteUser UserName=empty")]
    [InlineData("CreateAccessKey UserName=bob")]
    [InlineData("UpdateAccessKey UserName=bob AccessKeyId={KEY} Status=Inactive")]
    [InlineData("DeleteAccessKey UserName=bob AccessKeyId={KEY}")]
    [InlineData("PutUserPolicy UserName=bob PolicyName=new PolicyDocument={DOC}")]
    [InlineData("DeleteUserPolicy UserName=bob PolicyName=policy-0")]
    [InlineData("TagUser UserName=bob Tags.member.1.Key=k Tags.member.1.Value=v")]
    public async Task Without_the_trail_nothing_changes(string call)
    {
        await root.AnswerAsync("CreateUser", ("UserName", "empty"));
        var bob = await root.NewUserAsync("bob", Document);
        var before = await world.Store.ListUsersAsync(null, 10, default);
        world.Trail.IsUnavailable = true;
        var refused = await root.CallLineAsync(call.Replace("{KEY}", bob.AccessKeyId, StringComparison.Ordinal).Replace("{DOC}", Document, StringComparison.Ordinal));
        Assert.Equal((503, "ServiceUnavailable"), (refused.Status, refused.ErrorCode));
        Assert.Equal("Receiver", refused.Document.Element("Error")!.Element("Type")!.Value);
        Assert.Equal(before, await world.Store.ListUsersAsync(null, 10, default));
        Assert.Equal(503, (await root.CallAsync("GetUser", ("UserName", "nobody"))).Status);
    }

    [Fact]
    public async Task A_change_is_recorded_before_it_is_written()
    {
        var recorded = -1;
        world.Store.Before = call =>
        {
            if (call == nameof(IIdentityStore.TryCreateAsync)) recorded = world.Trail.Calls.Count;
            return Task.CompletedTask;
        };
        await root.AnswerAsync("CreateUser", ("UserName", "bob"));
        Assert.Equal(1, recorded);
    }
}
