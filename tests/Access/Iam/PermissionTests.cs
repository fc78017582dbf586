namespace Serverless.Access.Tests;

/// <summary>Who may do what: the policies of the caller decide, on the ARN of the user that a call is about.</summary>
public sealed class PermissionTests : IAsyncDisposable
{
    private readonly AccessWorld world = new();
    private readonly QueryClient root;

    public PermissionTests() => root = world.NewClient();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    public static TheoryData<string, string> Calls => new()
    {
        { "CreateUser UserName=new Path=/p/", "user/p/new" },
        { "GetUser UserName=bob", "user/b/bob" },
        { "GetUser", "user/eve" },
        { "ListUsers", "user/" },
        { "ListUsers PathPrefix=/p/", "user/p/" },
        { "UpdateUser UserName=bob NewPath=/c/", "user/b/bob" },
        { "DeleteUser UserName=bob", "user/b/bob" },
        { "DeleteUser UserName=nobody", "user/nobody" },
        { "CreateAccessKey UserName=bob", "user/b/bob" },
        { "CreateAccessKey", "user/eve" },
        { "ListAccessKeys UserName=bob", "user/b/bob" },
        { "UpdateAccessKey UserName=bob AccessKeyId=AKIAAAAAAAAAAAAAAAAA Status=Active", "user/b/bob" },
        { "DeleteAccessKey UserName=bob AccessKeyId=AKIAAAAAAAAAAAAAAAAA", "user/b/bob" },
        { "PutUserPolicy UserName=bob PolicyName=p PolicyDocument={}", "user/b/bob" },
        { "GetUserPolicy UserName=bob PolicyName=p", "user/b/bob" },
        { "ListUserPolicies UserName=bob", "user/b/bob" },
        { "DeleteUserPolicy UserName=bob PolicyName=p", "user/b/bob" },
        { "TagUser UserName=bob Tags.member.1.Key=k Tags.member.1.Value=v", "user/b/bob" },
        { "UntagUser UserName=bob TagKeys.member.1=k", "user/b/bob" },
        { "ListUserTags UserName=bob", "user/b/bob" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_user_without_a_policy_may_do_nothing_and_is_told_what(string call, string resource)
    {
        await root.AnswerAsync("CreateUser", ("UserName", "bob"), ("Path", "/b/"));
        var eve = await root.NewUserAsync("eve");
        var before = world.Trail.Calls.Count;
        var action = call.Split(' ')[0];
        var refused = await eve.CallLineAsync(call);
        var message = $"User: arn:aws:iam::123456789012:user/eve is not authorized to perform: iam:{action} on resource: arn:aws:iam::123456789012:{resource} "
            + $"because no identity-based policy allows the iam:{action} action";
        Assert.Equal((403, "AccessDenied", message), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        var recorded = Assert.Single(world.Trail.Calls.Skip(before));
        Assert.Equal((action, $"arn:aws:iam::123456789012:{resource}", "AccessDenied", message, "eve"),
            (recorded.Action, recorded.UserArn, recorded.Refusal!.Code, recorded.Refusal.Message, recorded.Caller.Principal.UserName));
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_user_with_a_policy_for_just_that_gets_past_it(string call, string resource)
    {
        await root.AnswerAsync("CreateUser", ("UserName", "bob"), ("Path", "/b/"));
        var action = call.Split(' ')[0];
        var eve = await root.NewUserAsync("eve", Statement("Allow", $"iam:{action}", $"arn:aws:iam::*:{resource}"), Statement("Allow", $"iam:{action}", "arn:aws:iam::*:user/c/bob"));
        Assert.NotEqual("AccessDenied", (await eve.CallLineAsync(call)).ErrorCode);
    }

    [Fact]
    public async Task An_explicit_deny_wins()
    {
        var admin = await root.NewUserAsync("admin", Statement("Allow", "*", "*"), Statement("Deny", "iam:DeleteUser", "arn:aws:iam::*:user/*"));
        await admin.AnswerAsync("CreateUser", ("UserName", "bob"));
        Assert.EndsWith("on resource: arn:aws:iam::123456789012:user/bob with an explicit deny in an identity-based policy",
            (await admin.CallAsync("DeleteUser", ("UserName", "bob"))).ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_is_renamed_only_by_who_may_touch_it_under_both_names()
    {
        await root.AnswerAsync("CreateUser", ("UserName", "bob"));
        var eve = await root.NewUserAsync("eve", Statement("Allow", "iam:UpdateUser", "arn:aws:iam::*:user/bob"));
        Assert.Contains("on resource: arn:aws:iam::123456789012:user/admin because", (await eve.CallAsync("UpdateUser", ("UserName", "bob"), ("NewUserName", "admin"))).ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("on resource: arn:aws:iam::123456789012:user/other because", (await eve.CallAsync("UpdateUser", ("UserName", "other"), ("NewUserName", "bob"))).ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tags_of_the_caller_the_target_and_the_request_are_condition_keys()
    {
        var eve = await root.NewUserAsync("eve",
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}},{"Effect":"Allow","Action":"iam:TagUser","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/cost":"1"},"ForAllValues:StringEquals":{"aws:TagKeys":["cost"]}}}]}""");
        await root.AnswerAsync("TagUser", ("UserName", "eve"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red"));
        await root.AnswerAsync("CreateUser", ("UserName", "red"), ("Tags.member.1.Key", "TEAM"), ("Tags.member.1.Value", "red"));
        await root.AnswerAsync("CreateUser", ("UserName", "blue"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "blue"));
        await root.AnswerAsync("CreateUser", ("UserName", "none"));
        Assert.Equal((200, 403, 403), (await GetAsync("red"), await GetAsync("blue"), await GetAsync("none")));
        Assert.Equal((200, 403, 403), (await TagAsync(("cost", "1")), await TagAsync(("cost", "2")), await TagAsync(("cost", "1"), ("team", "red"))));

        async Task<int> GetAsync(string name) => (await eve.CallAsync("GetUser", ("UserName", name))).Status;

        async Task<int> TagAsync(params (string Key, string Value)[] tags) => (await eve.CallAsync(
            "TagUser", [("UserName", "none"), .. tags.SelectMany((tag, i) => new[] { ($"Tags.member.{i + 1}.Key", tag.Key), ($"Tags.member.{i + 1}.Value", tag.Value) })])).Status;
    }

    private static string Statement(string effect, string action, string resource) =>
        $$"""{"Version":"2012-10-17","Statement":[{"Effect":"{{effect}}","Action":"{{action}}","Resource":"{{resource}}"}]}""";
}
