using System.Globalization;

namespace Serverless.Access.Tests;

public sealed class UserApiTests : IAsyncDisposable
{
    private readonly AccessWorld world = new();
    private readonly QueryClient root;

    public UserApiTests() => root = world.NewClient();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task A_user_is_answered_as_AWS_answers_it()
    {
        var created = await root.AnswerAsync("CreateUser", ("UserName", "Bob"), ("Path", "/division_abc/"), ("Tags.member.1.Key", "Dept"), ("Tags.member.1.Value", "A b+c"));
        var id = created["UserId"]!;
        Assert.Matches("^AIDA[A-Z2-7]{17}$", id);
        Assert.Equal(
            "<CreateUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><CreateUserResult><User><Path>/division_abc/</Path><UserName>Bob</UserName>"
            + $"<UserId>{id}</UserId><Arn>arn:aws:iam::123456789012:user/division_abc/Bob</Arn><CreateDate>2026-03-05T09:04:07Z</CreateDate>"
            + "<Tags><member><Key>Dept</Key><Value>A b+c</Value></member></Tags></User></CreateUserResult>"
            + "<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></CreateUserResponse>", created.Text);

        Assert.Equal(created.Document.Descendants("User").Single().ToString(), (await root.AnswerAsync("GetUser", ("UserName", "bOB"))).Document.Descendants("User").Single().ToString());
        var listed = await root.AnswerAsync("ListUsers");
        Assert.Equal(["Path", "UserName", "UserId", "Arn", "CreateDate"], listed.Members("Users").Single().Elements().Select(element => element.Name.LocalName));
        Assert.Equal("false", listed["IsTruncated"]);

        var deleted = await root.AnswerAsync("DeleteUser", ("UserName", "Bob"));
        Assert.Equal(
            "<DeleteUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></DeleteUserResponse>", deleted.Text);
        Assert.Empty((await root.AnswerAsync("ListUsers")).Members("Users"));
        Assert.NotEqual(id, (await root.AnswerAsync("CreateUser", ("UserName", "Bob")))["UserId"]);
    }

    [Fact]
    public async Task Whoever_asks_for_no_user_asks_for_itself()
    {
        var asked = await root.AnswerAsync("GetUser");
        Assert.Equal(("123456789012", AccessWorld.RootArn, null), (asked["UserId"], asked["Arn"], asked["UserName"]));
        var alice = await root.NewUserAsync("alice", Allow("iam:GetUser", "arn:aws:iam::*:user/${aws:username}"));
        Assert.Equal("alice", (await alice.AnswerAsync("GetUser"))["UserName"]);
    }

    [Fact]
    public async Task A_caller_whose_name_another_user_has_now_is_not_that_user()
    {
        var alice = await root.NewUserAsync("alice", Allow("iam:*", "*"));
        Assert.Equal("alice", (await alice.AnswerAsync("GetUser"))["UserName"]);
        // On another instance, so that this one still takes the old user for the caller.
        var elsewhere = world.NewClient();
        await elsewhere.AnswerAsync("UpdateUser", ("UserName", "alice"), ("NewUserName", "alicia"));
        await elsewhere.AnswerAsync("CreateUser", ("UserName", "alice"));
        Assert.Equal(("NoSuchEntity", "The user with name alice cannot be found."), Error(await alice.CallAsync("GetUser")));
        world.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("alicia", (await alice.AnswerAsync("GetUser"))["UserName"]);
    }

    [Fact]
    public async Task A_user_keeps_its_id_its_keys_and_policies_under_a_new_name_and_path()
    {
        var alice = await root.NewUserAsync("alice", Allow("iam:GetUser", "*"));
        var id = (await alice.AnswerAsync("GetUser"))["UserId"];
        Assert.Null((await root.AnswerAsync("UpdateUser", ("UserName", "ALICE"), ("NewUserName", "Zoe"), ("NewPath", "/ops/")))["User"]);
        var zoe = await alice.AnswerAsync("GetUser");
        Assert.Equal((id, "Zoe", "arn:aws:iam::123456789012:user/ops/Zoe"), (zoe["UserId"], zoe["UserName"], zoe["Arn"]));
        Assert.Equal(("NoSuchEntity", "The user with name alice cannot be found."), Error(await root.CallAsync("GetUser", ("UserName", "alice"))));
        Assert.Equal(alice.AccessKeyId, (await root.AnswerAsync("ListAccessKeys", ("UserName", "Zoe")))["AccessKeyId"]);

        await root.AnswerAsync("UpdateUser", ("UserName", "zoe"), ("NewUserName", "ZOE"));
        Assert.Equal("ZOE", (await alice.AnswerAsync("GetUser"))["UserName"]);
        await root.AnswerAsync("CreateUser", ("UserName", "bob"));
        Assert.Equal(("EntityAlreadyExists", "User with name Bob already exists."), Error(await root.CallAsync("UpdateUser", ("UserName", "ZOE"), ("NewUserName", "Bob"))));
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "CreateUser", "ValidationError", "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null" },
        { "CreateUser UserName=", "ValidationError", "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-" },
        { "CreateUser UserName=bad/name", "ValidationError", "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-" },
        { "CreateUser UserName=ä", "ValidationError", "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-" },
        { $"CreateUser UserName={new string('a', 65)}", "ValidationError", "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64" },
        { "CreateUser UserName=a Path=bad", "ValidationError", "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters." },
        { "CreateUser UserName=a Path=", "ValidationError", "1 validation error detected: Value at 'path' failed to satisfy constraint: Member must have length greater than or equal to 1" },
        { $"CreateUser UserName=a Path=/{new string('p', 511)}/", "ValidationError", "1 validation error detected: Value at 'path' failed to satisfy constraint: Member must have length less than or equal to 512" },
        { "CreateUser UserName=EXISTS", "EntityAlreadyExists", "User with name EXISTS already exists." },
        { "CreateUser UserName=a PermissionsBoundary=arn:aws:iam::aws:policy/AdministratorAccess", "InvalidQueryParameter", "The parameter PermissionsBoundary is not supported by CreateUser." },
        { "GetUser UserName=nobody", "NoSuchEntity", "The user with name nobody cannot be found." },
        { $"GetUser UserName={new string('a', 129)}", "ValidationError", "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 128" },
        { "DeleteUser UserName=nobody", "NoSuchEntity", "The user with name nobody cannot be found." },
        { "DeleteUser", "ValidationError", "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null" },
        { "UpdateUser UserName=nobody NewUserName=a", "NoSuchEntity", "The user with name nobody cannot be found." },
        { "UpdateUser UserName=exists NewUserName=bad/name", "ValidationError", "The specified value for newUserName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-" },
        { "UpdateUser UserName=exists NewPath=bad", "ValidationError", "The specified value for newPath is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters." },
        { "ListUsers PathPrefix=bad", "ValidationError", @"1 validation error detected: Value at 'pathPrefix' failed to satisfy constraint: Member must satisfy regular expression pattern: \u002F[\u0021-\u007F]*" },
        { "ListUsers MaxItems=0", "ValidationError", "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1" },
        { "ListUsers MaxItems=1001", "ValidationError", "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000" },
        { "ListUsers MaxItems=many", "MalformedInput", "The value of MaxItems is not a number." },
        { "ListUsers MaxItems=99999999999999999999", "MalformedInput", "The value of MaxItems is not a number." },
        { "ListUsers Marker=", "ValidationError", "1 validation error detected: Value at 'marker' failed to satisfy constraint: Member must have length greater than or equal to 1" },
        { "ListUsers Marker=\u3042", "ValidationError", @"1 validation error detected: Value at 'marker' failed to satisfy constraint: Member must satisfy regular expression pattern: [\u0020-\u00FF]+" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_is_not_valid_is_refused_as_AWS_refuses_it(string call, string code, string message)
    {
        await root.AnswerAsync("CreateUser", ("UserName", "exists"));
        var refused = await root.CallLineAsync(call);
        Assert.Equal((code, message), Error(refused));
        Assert.Equal(code switch { "NoSuchEntity" => 404, "EntityAlreadyExists" => 409, _ => 400 }, refused.Status);
    }

    [Fact]
    public async Task A_user_that_has_policies_or_keys_is_not_deleted()
    {
        var alice = await root.NewUserAsync("alice", Allow("*", "*"));
        Assert.Equal(("DeleteConflict", "Cannot delete entity, must delete policies first."), Error(await root.CallAsync("DeleteUser", ("UserName", "alice"))));
        await root.AnswerAsync("DeleteUserPolicy", ("UserName", "alice"), ("PolicyName", "policy-0"));
        var refused = await root.CallAsync("DeleteUser", ("UserName", "alice"));
        Assert.Equal((409, "DeleteConflict", "Cannot delete entity, must delete access keys first."), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        await root.AnswerAsync("DeleteAccessKey", ("UserName", "alice"), ("AccessKeyId", alice.AccessKeyId));
        await root.AnswerAsync("DeleteUser", ("UserName", "alice"));
    }

    [Fact]
    public async Task Of_several_who_make_a_user_at_once_one_succeeds()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => root.CallAsync("CreateUser", ("UserName", i % 2 == 0 ? "bob" : "Bob"))));
        Assert.Equal([200, 409, 409, 409, 409, 409, 409, 409], results.Select(result => result.Status).Order());
    }

    [Fact]
    public async Task A_change_that_others_overtake_is_made_on_what_they_made()
    {
        await root.AnswerAsync("CreateUser", ("UserName", "alice"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => root.AnswerAsync(
            "TagUser", ("UserName", "alice"), ("Tags.member.1.Key", i.ToString(CultureInfo.InvariantCulture)), ("Tags.member.1.Value", "x"))));
        Assert.Equal(4, (await root.AnswerAsync("ListUserTags", ("UserName", "alice"))).Members("Tags").Count);

        world.Store.Before = async call =>
        {
            if (call != nameof(IIdentityStore.TryChangeAsync)) return;
            var user = (await world.Store.FindUserAsync("alice", default))!;
            var before = world.Store.Before;
            world.Store.Before = _ => Task.CompletedTask;
            await world.Store.TryChangeAsync(user, user with { Path = $"{user.Path}x/" }, default);
            world.Store.Before = before;
        };
        var refused = await root.CallAsync("UpdateUser", ("UserName", "alice"), ("NewPath", "/mine/"));
        Assert.Equal((409, "ConcurrentModification"), (refused.Status, refused.ErrorCode));
    }

    private static string Allow(string action, string resource) =>
        $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"{{action}}","Resource":"{{resource}}"}]}""";

    private static (string?, string?) Error(QueryResult result) => (result.ErrorCode, result.ErrorMessage);
}
