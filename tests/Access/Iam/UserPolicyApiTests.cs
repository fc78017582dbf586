namespace Serverless.Access.Tests;

public sealed class UserPolicyApiTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly AccessWorld world = new();
    private readonly QueryClient root;

    public UserPolicyApiTests() => root = world.NewClient();

    public Task InitializeAsync() => root.AnswerAsync("CreateUser", ("UserName", "alice"));

    public ValueTask DisposeAsync() => world.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task A_policy_is_given_back_encoded_and_as_it_came()
    {
        const string document = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{ \"Sid\": \"Ab1\", \"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::b/${aws:username}/é~*\" }]\n}";
        await PutAsync("ReadOnly", document);
        var policy = await root.AnswerAsync("GetUserPolicy", ("UserName", "ALICE"), ("PolicyName", "ReadOnly"));
        Assert.Equal(("alice", "ReadOnly"), (policy["UserName"], policy["PolicyName"]));
        Assert.StartsWith("%7B%0A%20%20%22Version%22%3A%20%222012-10-17%22%2C", policy["PolicyDocument"], StringComparison.Ordinal);
        Assert.Equal(document, Uri.UnescapeDataString(policy["PolicyDocument"]!));

        await PutAsync("ReadOnly", Allow("Put*"));
        await PutAsync("Other", Allow("Get*"));
        Assert.Equal(Allow("Put*"), Uri.UnescapeDataString((await root.AnswerAsync("GetUserPolicy", ("UserName", "alice"), ("PolicyName", "ReadOnly")))["PolicyDocument"]!));
        Assert.Equal(["Other", "ReadOnly"], (await root.AnswerAsync("ListUserPolicies", ("UserName", "alice"))).Members("PolicyNames").Select(member => member.Value));
        await root.AnswerAsync("DeleteUserPolicy", ("UserName", "alice"), ("PolicyName", "ReadOnly"));
        Assert.Equal(["Other"], (await root.AnswerAsync("ListUserPolicies", ("UserName", "alice"))).Members("PolicyNames").Select(member => member.Value));
        foreach (var action in new[] { "GetUserPolicy", "DeleteUserPolicy" })
        {
            var refused = await root.CallAsync(action, ("UserName", "alice"), ("PolicyName", "ReadOnly"));
            Assert.Equal((404, "NoSuchEntity", "The user policy with name ReadOnly cannot be found."), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        }
    }

    [Fact]
    public async Task All_policies_of_a_user_together_have_2048_characters_that_are_not_white_space()
    {
        var frame = Allow("").Length;
        await PutAsync("one", Allow(new string('a', 1000 - frame)));
        await PutAsync("two", Allow(new string('b', 1048 - frame)) + new string(' ', 5000));
        foreach (var (name, size) in new[] { ("two", 1049), ("three", frame) })
        {
            var refused = await TryPutAsync(name, Allow(new string('c', size - frame)));
            Assert.Equal((409, "LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user alice"), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        }
        // White space is not counted, but a user is kept in one place.
        Assert.Equal("LimitExceeded", (await TryPutAsync("two", Allow("x") + new string(' ', 20_000))).ErrorCode);
        await PutAsync("one", Allow(new string('d', 999 - frame)));
        await PutAsync("two", Allow(new string('e', 1049 - frame)));
    }

    [Theory]
    [InlineData("{not valid json", null)]
    [InlineData("", null)]
    [InlineData("null", null)]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}""", "Policy document should not specify a principal.")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps","Action":"s3:GetObject","Resource":"*"}]}""", null)]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject"}]}""", null)]
    public async Task A_malformed_policy_is_refused(string document, string? message)
    {
        var refused = await TryPutAsync("p", document);
        Assert.Equal((400, document.Length == 0 ? "ValidationError" : "MalformedPolicyDocument"), (refused.Status, refused.ErrorCode));
        if (message is not null) Assert.Equal(message, refused.ErrorMessage);
        Assert.Empty((await root.AnswerAsync("ListUserPolicies", ("UserName", "alice"))).Members("PolicyNames"));
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "PutUserPolicy UserName=alice PolicyName=p", "ValidationError", "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must not be null" },
        { "PutUserPolicy UserName=alice PolicyDocument={}", "ValidationError", "1 validation error detected: Value at 'policyName' failed to satisfy constraint: Member must not be null" },
        { "PutUserPolicy PolicyName=p PolicyDocument={}", "ValidationError", "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null" },
        { "PutUserPolicy UserName=alice PolicyName=bad/name PolicyDocument={}", "ValidationError", "The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-" },
        { $"PutUserPolicy UserName=alice PolicyName={new string('p', 129)} PolicyDocument={{}}", "ValidationError", "1 validation error detected: Value at 'policyName' failed to satisfy constraint: Member must have length less than or equal to 128" },
        { "PutUserPolicy UserName=alice PolicyName=p PolicyDocument=\u3042", "ValidationError", "The specified value for policyDocument is invalid. It must contain only printable ASCII characters." },
        { "PutUserPolicy UserName=nobody PolicyName=p PolicyDocument={not-json", "NoSuchEntity", "The user with name nobody cannot be found." },
        { "GetUserPolicy UserName=nobody PolicyName=p", "NoSuchEntity", "The user with name nobody cannot be found." },
        { "ListUserPolicies UserName=nobody", "NoSuchEntity", "The user with name nobody cannot be found." },
        { "ListUserPolicies", "ValidationError", "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_is_not_valid_is_refused_as_AWS_refuses_it(string call, string code, string message)
    {
        var refused = await root.CallLineAsync(call);
        Assert.Equal((code, message), (refused.ErrorCode, refused.ErrorMessage));
    }

    private static string Allow(string action) => $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:{{action}}","Resource":"*"}]}""";

    private Task<QueryResult> TryPutAsync(string name, string document) => root.CallAsync("PutUserPolicy", ("UserName", "alice"), ("PolicyName", name), ("PolicyDocument", document));

    private Task<QueryResult> PutAsync(string name, string document) => root.AnswerAsync("PutUserPolicy", ("UserName", "alice"), ("PolicyName", name), ("PolicyDocument", document));
}
