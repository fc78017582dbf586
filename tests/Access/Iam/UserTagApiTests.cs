namespace Serverless.Access.Tests;

public sealed class UserTagApiTests : IAsyncLifetime, IAsyncDisposable
{
    private const string KeyPattern = @"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+";

    private readonly AccessWorld world = new();
    private readonly QueryClient root;

    public UserTagApiTests() => root = world.NewClient();

    public Task InitializeAsync() => root.AnswerAsync("CreateUser", ("UserName", "alice"));

    public ValueTask DisposeAsync() => world.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task Tags_are_given_replaced_listed_and_taken()
    {
        await root.AnswerAsync("TagUser", [("UserName", "alice"), .. Tags(("Team", "Platform"), ("dept", "1"), ("Größe", "日本 _.:/=+-@"))]);
        await root.AnswerAsync("TagUser", [("UserName", "alice"), .. Tags(("DEPT", ""))]);
        Assert.Equal([("DEPT", ""), ("Größe", "日本 _.:/=+-@"), ("Team", "Platform")], await ListAsync());
        Assert.Equal(3, (await root.AnswerAsync("GetUser", ("UserName", "alice"))).Members("Tags").Count);
        await root.AnswerAsync("UntagUser", ("UserName", "alice"), ("TagKeys.member.1", "team"), ("TagKeys.member.2", "unknown"));
        Assert.Equal([("DEPT", ""), ("Größe", "日本 _.:/=+-@")], await ListAsync());
    }

    [Fact]
    public async Task A_user_has_50_tags_at_most()
    {
        await root.AnswerAsync("TagUser", [("UserName", "alice"), .. Tags([.. Enumerable.Range(0, 50).Select(i => ($"key{i}", "v"))])]);
        var refused = await root.CallAsync("TagUser", [("UserName", "alice"), .. Tags(("one-more", "v"))]);
        Assert.Equal((409, "LimitExceeded", "Cannot exceed quota for TagsPerUser: 50"), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        await root.AnswerAsync("TagUser", [("UserName", "alice"), .. Tags(("KEY7", "w"))]);
        Assert.Equal(50, (await ListAsync()).Count);
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "TagUser UserName=nobody Tags.member.1.Key=k Tags.member.1.Value=v", "NoSuchEntity", "The user with name nobody cannot be found." },
        { "TagUser UserName=alice", "ValidationError", "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must not be null" },
        { "TagUser UserName=alice Tags.member.1.Key=bad*key Tags.member.1.Value=v", "ValidationError", $"1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: {KeyPattern}" },
        { "TagUser UserName=alice Tags.member.1.Key= Tags.member.1.Value=v", "ValidationError", "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1" },
        { $"TagUser UserName=alice Tags.member.7.Key={new string('k', 129)} Tags.member.7.Value=v", "ValidationError", "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128" },
        { $"TagUser UserName=alice Tags.member.1.Key=k Tags.member.1.Value={new string('v', 257)}", "ValidationError", "1 validation error detected: Value at 'tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256" },
        { "TagUser UserName=alice Tags.member.1.Key=dup Tags.member.1.Value=1 Tags.member.2.Key=DUP Tags.member.2.Value=2", "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive." },
        { "TagUser UserName=alice Tags.member.1.Key=aws:x Tags.member.1.Value=1", "InvalidInput", "Tag keys that begin with aws: are reserved." },
        { "TagUser UserName=alice Tags.member.1.Value=1", "MissingParameter", "The request must contain the parameter Tags.member.1.Key." },
        { "TagUser UserName=alice Tags.member.1.Key=k", "MissingParameter", "The request must contain the parameter Tags.member.1.Value." },
        { "TagUser UserName=alice Tags.member.1.Key=k Tags.member.1.Value=v Tags.member.1.Colour=red", "MalformedInput", "The members of Tags are not those of a list." },
        { "TagUser UserName=alice Tags.1.Key=k Tags.1.Value=v", "MalformedInput", "The members of Tags are not those of a list." },
        { "TagUser UserName=alice Tags.member.0.Key=k", "MalformedInput", "The members of Tags are not those of a list." },
        { "TagUser UserName=alice Tags.member.99999999999.Key=k", "MalformedInput", "The members of Tags are not those of a list." },
        { "TagUser UserName=alice Tags=k", "MalformedInput", "The members of Tags are not those of a list." },
        { "UntagUser UserName=alice TagKeys.member.1.Key=k", "MalformedInput", "The members of TagKeys are not those of a list." },
        { "UntagUser UserName=alice", "ValidationError", "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must not be null" },
        {
            "UntagUser UserName=alice TagKeys.member.1=bad*key", "ValidationError",
            "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, "
            + $"Member must have length greater than or equal to 1, {KeyPattern}, Member must not be null]"
        },
        { "ListUserTags UserName=nobody", "NoSuchEntity", "The user with name nobody cannot be found." },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_is_not_valid_is_refused_as_AWS_refuses_it(string call, string code, string message)
    {
        var refused = await root.CallLineAsync(call);
        Assert.Equal((code, message), (refused.ErrorCode, refused.ErrorMessage));
    }

    [Theory]
    [InlineData("TagUser", "Tags.member.{0}.Key", "tags")]
    [InlineData("UntagUser", "TagKeys.member.{0}", "tagKeys")]
    public async Task A_request_has_50_members_at_most(string action, string member, string name)
    {
        var refused = await root.CallAsync(action, [("UserName", "alice"), .. Enumerable.Range(1, 51).Select(i => (string.Format(System.Globalization.CultureInfo.InvariantCulture, member, i), "k"))]);
        Assert.Equal($"1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length less than or equal to 50", refused.ErrorMessage);
    }

    [Fact]
    public async Task An_empty_list_is_what_the_clients_make_of_it()
    {
        await root.AnswerAsync("TagUser", ("UserName", "alice"), ("Tags", ""));
        await root.AnswerAsync("CreateUser", ("UserName", "bob"), ("Tags", ""));
        Assert.Empty(await ListAsync());
    }

    private async Task<IReadOnlyList<(string, string)>> ListAsync() =>
        [.. (await root.AnswerAsync("ListUserTags", ("UserName", "alice"))).Members("Tags").Select(tag => (tag.Element("Key")!.Value, tag.Element("Value")!.Value))];

    private static IEnumerable<(string, string)> Tags(params (string Key, string Value)[] tags) =>
        tags.SelectMany((tag, i) => new[] { ($"Tags.member.{i + 1}.Key", tag.Key), ($"Tags.member.{i + 1}.Value", tag.Value) });
}
