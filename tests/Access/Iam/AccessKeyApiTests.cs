namespace Serverless.Access.Tests;

public sealed class AccessKeyApiTests : IAsyncDisposable
{
    private const string ManageOwnKeys = """
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"arn:aws:iam::*:user/${aws:username}"}]}
        """;

    private readonly AccessWorld world = new();
    private readonly QueryClient root;

    public AccessKeyApiTests() => root = world.NewClient();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task A_key_is_shown_with_its_secret_once_and_signs_at_once()
    {
        await root.AnswerAsync("CreateUser", ("UserName", "Bob"), ("Path", "/p/"));
        var created = await root.AnswerAsync("CreateAccessKey", ("UserName", "bob"));
        var (id, secret) = (created["AccessKeyId"]!, created["SecretAccessKey"]!);
        Assert.Matches("^AKIA[A-Z2-7]{16}$", id);
        Assert.Matches("^[A-Za-z0-9+/]{40}$", secret);
        Assert.Equal(
            "<CreateAccessKeyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><CreateAccessKeyResult><AccessKey><UserName>Bob</UserName>"
            + $"<AccessKeyId>{id}</AccessKeyId><Status>Active</Status><SecretAccessKey>{secret}</SecretAccessKey><CreateDate>2026-03-05T09:04:07Z</CreateDate></AccessKey>"
            + "</CreateAccessKeyResult><ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></CreateAccessKeyResponse>", created.Text);

        var caller = (await (root with { AccessKeyId = id, Secret = secret }).AuthenticateAsync()).Caller.Principal;
        Assert.Equal((PrincipalType.IAMUser, "arn:aws:iam::123456789012:user/p/Bob", "Bob", id, (await root.AnswerAsync("GetUser", ("UserName", "Bob")))["UserId"]),
            (caller.Type, caller.Arn, caller.UserName, caller.AccessKeyId, caller.UserId));
        var listed = await root.AnswerAsync("ListAccessKeys", ("UserName", "Bob"));
        Assert.Equal($"<member><UserName>Bob</UserName><AccessKeyId>{id}</AccessKeyId><Status>Active</Status><CreateDate>2026-03-05T09:04:07Z</CreateDate></member>",
            listed.Members("AccessKeyMetadata").Single().ToString(System.Xml.Linq.SaveOptions.DisableFormatting));
        Assert.DoesNotContain(secret, listed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_has_two_keys_at_most()
    {
        await root.AnswerAsync("CreateUser", ("UserName", "bob"));
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => root.CallAsync("CreateAccessKey", ("UserName", "bob"))));
        Assert.Equal([200, 200, 409, 409], results.Select(result => result.Status).Order());
        Assert.All(results.Where(result => result.Status == 409), refused => Assert.Equal(("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"), Error(refused)));
        Assert.Equal(2, (await root.AnswerAsync("ListAccessKeys", ("UserName", "bob"))).Members("AccessKeyMetadata").Count);
    }

    [Fact]
    public async Task A_key_that_is_switched_off_or_deleted_signs_nothing_until_it_is_on()
    {
        var bob = await root.NewUserAsync("bob");
        Assert.NotNull(await bob.SignsAsAsync());
        await root.AnswerAsync("UpdateAccessKey", ("UserName", "bob"), ("AccessKeyId", bob.AccessKeyId), ("Status", "Inactive"));
        Assert.Null(await bob.SignsAsAsync());
        Assert.Equal("Inactive", (await root.AnswerAsync("ListAccessKeys", ("UserName", "bob")))["Status"]);
        await root.AnswerAsync("UpdateAccessKey", ("UserName", "bob"), ("AccessKeyId", bob.AccessKeyId), ("Status", "Active"));
        Assert.NotNull(await bob.SignsAsAsync());
        await root.AnswerAsync("DeleteAccessKey", ("UserName", "bob"), ("AccessKeyId", bob.AccessKeyId));
        Assert.Null(await bob.SignsAsAsync());
    }

    [Fact]
    public async Task A_user_manages_its_own_keys_and_no_others_where_a_policy_says_so()
    {
        var bob = await root.NewUserAsync("bob", ManageOwnKeys);
        var other = await root.NewUserAsync("other");
        var second = await bob.AnswerAsync("CreateAccessKey");
        Assert.Equal("bob", second["UserName"]);
        Assert.Equal(2, (await bob.AnswerAsync("ListAccessKeys")).Members("AccessKeyMetadata").Count);
        await bob.AnswerAsync("UpdateAccessKey", ("AccessKeyId", second["AccessKeyId"]!), ("Status", "Inactive"));
        await bob.AnswerAsync("DeleteAccessKey", ("UserName", "bob"), ("AccessKeyId", second["AccessKeyId"]!));
        Assert.Equal("bob", (await bob.AnswerAsync("GetAccessKeyLastUsed", ("AccessKeyId", bob.AccessKeyId)))["UserName"]);

        Assert.Equal(("NoSuchEntity", $"The Access Key with id {other.AccessKeyId} cannot be found."), Error(await bob.CallAsync("DeleteAccessKey", ("AccessKeyId", other.AccessKeyId))));
        var refused = await bob.CallAsync("DeleteAccessKey", ("UserName", "other"), ("AccessKeyId", other.AccessKeyId));
        Assert.Equal((403, "AccessDenied",
            "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:DeleteAccessKey on resource: arn:aws:iam::123456789012:user/other "
            + "because no identity-based policy allows the iam:DeleteAccessKey action"), (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        Assert.NotNull(await other.SignsAsAsync());
    }

    [Fact]
    public async Task The_roots_key_is_listed_and_stays_as_the_settings_have_it()
    {
        var listed = await root.AnswerAsync("ListAccessKeys");
        Assert.Equal((SigningClient.ExampleKeyId, "Active", null), (listed["AccessKeyId"], listed["Status"], listed["UserName"]));
        foreach (var refused in new[]
        {
            await root.CallAsync("CreateAccessKey"),
            await root.CallAsync("DeleteAccessKey", ("AccessKeyId", SigningClient.ExampleKeyId)),
            await root.CallAsync("UpdateAccessKey", ("AccessKeyId", SigningClient.ExampleKeyId), ("Status", "Inactive")),
        })
        {
            Assert.Equal((400, "UnmodifiableEntity"), (refused.Status, refused.ErrorCode));
        }
        Assert.Equal(("NoSuchEntity", "The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found."), Error(await root.CallAsync("DeleteAccessKey", ("AccessKeyId", "AKIAAAAAAAAAAAAAAAAA"))));
        var lastUsed = await root.AnswerAsync("GetAccessKeyLastUsed", ("AccessKeyId", SigningClient.ExampleKeyId));
        Assert.Equal((null, null, "N/A", "N/A"), (lastUsed["UserName"], lastUsed["LastUsedDate"], lastUsed["ServiceName"], lastUsed["Region"]));
    }

    [Fact]
    public async Task Whose_a_key_is_and_whether_it_is_there_is_told_only_to_who_may_know()
    {
        var bob = await root.NewUserAsync("bob", ManageOwnKeys);
        var other = await root.NewUserAsync("other");
        foreach (var id in new[] { other.AccessKeyId, "AKIAAAAAAAAAAAAAAAAA" })
        {
            var refused = await bob.CallAsync("GetAccessKeyLastUsed", ("AccessKeyId", id));
            Assert.Equal((403, "AccessDenied", $"User: arn:aws:iam::123456789012:user/bob is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key {id}"),
                (refused.Status, refused.ErrorCode, refused.ErrorMessage));
        }
        Assert.Equal((null, "N/A", "N/A"), await LastUsedAsync(other));
    }

    [Fact]
    public async Task The_last_use_is_told_to_within_five_minutes()
    {
        var bob = await root.NewUserAsync("bob") with { Region = "eu-west-1" };
        await bob.AuthenticateAsync();
        await NotedAsync(1);
        Assert.Equal(("2026-03-05T09:04:07Z", "iam", "eu-west-1"), await LastUsedAsync(bob));
        world.Time.Advance(AccessKeyUses.Precision - TimeSpan.FromSeconds(1));
        await (bob with { Service = "sts" }).AuthenticateAsync();
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await (bob with { Service = "sts" }).AuthenticateAsync();
        await NotedAsync(2);
        await bob.AuthenticateAsync();
        Assert.Equal(("2026-03-05T09:09:07Z", "sts", "eu-west-1"), await LastUsedAsync(bob));
        Assert.Equal(2, world.Store.Calls.Count(call => call == nameof(IIdentityStore.TryNoteUseAsync)));

        async Task NotedAsync(int count)
        {
            while (world.Store.Calls.Count(call => call == nameof(IIdentityStore.TryNoteUseAsync)) < count) await Task.Delay(1);
        }
    }

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "CreateAccessKey UserName=nobody", "NoSuchEntity", "The user with name nobody cannot be found." },
        { "UpdateAccessKey UserName=exists AccessKeyId=AKIAIOSFODNN7EXAMPLE Status=Inactive", "NoSuchEntity", "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found." },
        { "UpdateAccessKey UserName=exists AccessKeyId=AKIAIOSFODNN7EXAMPLE Status=Off", "ValidationError", "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]" },
        { "UpdateAccessKey UserName=exists AccessKeyId=AKIAIOSFODNN7EXAMPLE", "ValidationError", "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must not be null" },
        { "UpdateAccessKey UserName=exists Status=Active", "ValidationError", "1 validation error detected: Value at 'accessKeyId' failed to satisfy constraint: Member must not be null" },
        { "DeleteAccessKey UserName=exists AccessKeyId=short", "ValidationError", "1 validation error detected: Value at 'accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 16" },
        { "DeleteAccessKey UserName=exists AccessKeyId=AKIA/IOSFODNN7EXAMPLE", "ValidationError", @"1 validation error detected: Value at 'accessKeyId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]+" },
        { "GetAccessKeyLastUsed AccessKeyId=AKIAAAAAAAAAAAAAAAAA", "AccessDenied", "User: arn:aws:iam::123456789012:root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key AKIAAAAAAAAAAAAAAAAA" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_is_not_valid_is_refused_as_AWS_refuses_it(string call, string code, string message)
    {
        await root.AnswerAsync("CreateUser", ("UserName", "exists"));
        Assert.Equal((code, message), Error(await root.CallLineAsync(call)));
    }

    private async Task<(string?, string?, string?)> LastUsedAsync(QueryClient user)
    {
        var result = await root.AnswerAsync("GetAccessKeyLastUsed", ("AccessKeyId", user.AccessKeyId));
        return (result["LastUsedDate"], result["ServiceName"], result["Region"]);
    }

    private static (string?, string?) Error(QueryResult result) => (result.ErrorCode, result.ErrorMessage);
}
