using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Keys;
using Serverless.Keys.Tests;
using Serverless.Objects.Admin;
using Serverless.Objects.Store;

namespace Serverless.Objects.Tests.Admin;

public sealed class AdminEndpointTests : IDisposable
{
    private readonly World world = new();
    private readonly Move move;
    private readonly Look look = new();

    public AdminEndpointTests() => move = new(AdminClient.TrailOf(world));

    public static TheoryData<string, string> InvalidRequests => new()
    {
        { "", "SerializationException" },
        { "[]", "SerializationException" },
        { "null", "SerializationException" },
        { "{", "SerializationException" },
        { """{"To":"a","To":"b"}""", "SerializationException" },
        { """{"\ud800":1}""", "SerializationException" },
        { """{"To":1}""", "SerializationException" },
        { """{"To":"\ud800"}""", "SerializationException" },
        { """{"To":"a","Steps":"1"}""", "SerializationException" },
        { """{"To":"a","Steps":1.5}""", "SerializationException" },
        { """{"To":"a","At":"yesterday"}""", "SerializationException" },
        { """{"To":"a","At":1e300}""", "SerializationException" },
        { "{}", "ValidationException" },
        { """{"To":null}""", "ValidationException" },
        { """{"To":""}""", "ValidationException" },
        { """{"To":"123456789"}""", "ValidationException" },
        { """{"To":"a","Steps":0}""", "ValidationException" },
        { """{"To":"a","Steps":11}""", "ValidationException" },
        { """{"To":"a","to":"b"}""", "ValidationException" },
        { """{"To":"a","Colour":null}""", "ValidationException" },
    };

    [Fact]
    public async Task A_change_is_on_the_trail_before_it_is_made()
    {
        var answer = await Client().AnswerAsync("Move", """{"To":"there","Steps":3,"At":1700000000.5}""");
        Assert.Equal("there", (string?)answer["At"]);
        var recorded = Assert.Single(world.Trail.Events);
        Assert.Equal(("Move", "sse.amazonaws.com", "AwsApiCall", false), (recorded.EventName, recorded.EventSource, recorded.EventType, recorded.ReadOnly));
        Assert.Equal((World.Root.Principal, AdminClient.RequestId, World.Region), (recorded.Caller.Principal, recorded.Caller.RequestId, recorded.Region));
        Assert.Equal("""{"to":"there","steps":3,"at":1700000000.5}""", recorded.RequestParameters!.ToJsonString());
        Assert.Null(recorded.ErrorCode);
    }

    [Fact]
    public async Task Without_the_trail_nothing_is_changed_or_refused_and_what_changes_nothing_is_answered()
    {
        world.Trail.IsUnavailable = true;
        await Client().RefusalAsync(503, "ServiceUnavailableException", "Move", """{"To":"there"}""");
        await Client().RefusalAsync(503, "ServiceUnavailableException", "Move", """{"To":""}""");
        Assert.Equal("here", move.Place);
        await Client().AnswerAsync("Look");
    }

    [Theory]
    [MemberData(nameof(InvalidRequests))]
    public async Task A_request_that_is_not_valid_is_refused_and_the_refusal_recorded(string body, string code)
    {
        var message = await Client().RefusalAsync(400, code, "Move", body);
        var recorded = Assert.Single(world.Trail.Events);
        Assert.Equal(("Move", code, message), (recorded.EventName, recorded.ErrorCode, recorded.ErrorMessage));
        Assert.Equal("here", move.Place);
    }

    [Fact]
    public async Task Refusals_are_in_the_words_of_AWS()
    {
        Assert.Equal(
            "1 validation error detected: Value 'abcdefghi' at 'to' failed to satisfy constraint: Member must have length less than or equal to 8",
            await Client().RefusalAsync(400, "ValidationException", "Move", """{"To":"abcdefghi"}"""));
        Assert.Equal(
            "1 validation error detected: Value null at 'to' failed to satisfy constraint: Member must not be null",
            await Client().RefusalAsync(400, "ValidationException", "Move"));
        Assert.Equal(
            "The request has a member that Move does not take: it takes To, Steps, At.",
            await Client().RefusalAsync(400, "ValidationException", "Move", """{"to":"a"}"""));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused() =>
        await Client().RefusalAsync(413, "RequestEntityTooLargeException", "Move", $$"""{"To":"{{new string('x', AdminRequest.MaxBytes)}}"}""");

    [Theory]
    [InlineData("")]
    [InlineData("move")]
    [InlineData("Sleep")]
    public async Task An_unknown_operation_is_refused(string operation)
    {
        await Client().RefusalAsync(400, "UnknownOperationException", operation);
        Assert.Empty(world.Trail.Events);
    }

    [Theory]
    [InlineData("s3", World.Region)]
    [InlineData("kms", World.Region)]
    [InlineData("sse", "us-east-1")]
    public async Task A_signature_for_another_service_or_Region_is_refused(string service, string region) =>
        Assert.Equal(
            $"Credential should be scoped to the service 'sse' and to the region '{World.Region}'.",
            await new AdminClient(world, move) { Service = service, Region = region }.RefusalAsync(400, "InvalidSignatureException", "Move", """{"To":"there"}"""));

    [Fact]
    public async Task Nobody_may_do_anything_without_a_signature()
    {
        await new AdminClient(world, move, look) { Signer = null }.RefusalAsync(400, "MissingAuthenticationTokenException", "Look");
        Assert.Empty(world.Trail.Events);
    }

    [Fact]
    public async Task A_user_may_do_what_its_policies_allow()
    {
        var user = World.User.Principal;
        Assert.Equal(
            $"User: {user.Arn} is not authorized to perform: sse:Look because no identity-based policy allows the sse:Look action",
            await ClientOf("kms:*").RefusalAsync(400, "AccessDeniedException", "Look"));
        var recorded = Assert.Single(world.Trail.Events);
        Assert.Equal(("Look", "AccessDeniedException", user, true), (recorded.EventName, recorded.ErrorCode, recorded.Caller.Principal, recorded.ReadOnly));

        await ClientOf("sse:Look").RefusalAsync(400, "AccessDeniedException", "Move", """{"To":"there"}""");
        Assert.Equal("here", move.Place);
        await ClientOf("sse:Look").AnswerAsync("Look");
        await ClientOf("sse:M*").AnswerAsync("Move", """{"To":"there"}""");
        Assert.Equal("there", move.Place);

        AdminClient ClientOf(string action) => new(world, move, look)
        {
            Signer = user,
            Policies = [Policy.ForIdentity($$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"{{{action}}}","Resource":"*"}}""")],
        };
    }

    [Fact]
    public async Task A_store_or_a_root_key_that_does_not_answer_is_503_and_a_fault_500()
    {
        await FailAsync(new StoreUnavailableException(new IOException("secret detail")), 503, "ServiceUnavailableException");
        await FailAsync(new RootKeyUnavailableException("secret detail", new IOException()), 503, "ServiceUnavailableException");
        await FailAsync(new InvalidOperationException("secret detail"), 500, "InternalFailure");

        async Task FailAsync(Exception failure, int status, string code)
        {
            look.Failure = failure;
            Assert.DoesNotContain("secret", await Client().RefusalAsync(status, code, "Look"), StringComparison.Ordinal);
        }
    }

    public void Dispose() => world.Dispose();

    private AdminClient Client() => new(world, move, look);

    private sealed class Move(AdminTrail trail) : IAdminOperation
    {
        public string Place { get; private set; } = "here";

        public string Name => nameof(Move);

        public bool IsReadOnly => false;

        public IReadOnlyList<string> Members => ["To", "Steps", "At"];

        public async Task RunAsync(AdminRequest request, AdminCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
        {
            var place = request.RequiredText("To", maxLength: 8);
            _ = request.Integer("Steps", 1, 10);
            _ = request.Time("At");
            await trail.RecordAsync(call, cancellationToken);
            await trail.RecordAsync(call, cancellationToken);
            Place = place;
            new JsonObject { ["At"] = place }.WriteTo(answer);
        }
    }

    private sealed class Look : IAdminOperation
    {
        public Exception? Failure { get; set; }

        public string Name => nameof(Look);

        public bool IsReadOnly => true;

        public IReadOnlyList<string> Members => [];

        public Task RunAsync(AdminRequest request, AdminCall call, Utf8JsonWriter answer, CancellationToken cancellationToken)
        {
            answer.WriteStartObject();
            if (Failure is not null) throw Failure;
            answer.WriteEndObject();
            return Task.CompletedTask;
        }
    }
}
