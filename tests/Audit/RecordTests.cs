using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Serverless.Access;
using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

public sealed class RecordTests
{
    [Fact]
    public void A_users_event_has_CloudTrails_fields_in_CloudTrails_order()
    {
        var auditEvent = Events.Decrypt(Events.Noon.AddMilliseconds(987)) with { EventId = Guid.Parse("a9dea4f9-8395-46c0-942c-f509c02c2b71") };

        Assert.Equal(
            """
            {
              "eventVersion": "1.11",
              "userIdentity": {
                "type": "IAMUser",
                "principalId": "AIDAALICE",
                "arn": "arn:aws:iam::123456789012:user/alice",
                "accountId": "123456789012",
                "accessKeyId": "AKIDALICE",
                "userName": "alice"
              },
              "eventTime": "2026-03-04T12:00:00Z",
              "eventSource": "kms.amazonaws.com",
              "eventName": "Decrypt",
              "awsRegion": "eu-west-1",
              "sourceIPAddress": "192.0.2.7",
              "userAgent": "aws-cli/2.0",
              "requestParameters": {
                "keyId": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                "encryptionContext": {
                  "aws:s3:arn": "arn:aws:s3:::photos/cat.jpg"
                }
              },
              "responseElements": null,
              "additionalEventData": {
                "keyVersion": 3
              },
              "requestID": "request-1",
              "eventID": "a9dea4f9-8395-46c0-942c-f509c02c2b71",
              "readOnly": true,
              "resources": [
                {
                  "accountId": "123456789012",
                  "type": "AWS::KMS::Key",
                  "ARN": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
                },
                {
                  "accountId": "123456789012",
                  "type": "AWS::S3::Object",
                  "ARN": "arn:aws:s3:::photos/cat.jpg"
                }
              ],
              "eventType": "AwsApiCall",
              "managementEvent": true,
              "recipientAccountId": "123456789012",
              "eventCategory": "Management"
            }
            """.ReplaceLineEndings("\n"),
            Record(auditEvent).ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }));
    }

    /// <summary>The members of https://docs.aws.amazon.com/kms/latest/developerguide/ct-generatedatakey.html, in its order.</summary>
    [Fact]
    public void A_record_over_TLS_has_the_members_of_AWSs_example_of_a_call()
    {
        var overTls = Events.From(Events.Alice) with { Tls = new("TLSv1.3", "TLS_AES_256_GCM_SHA384", "kms.example.test:7072") };
        var record = Record(Events.Decrypt() with { Caller = overTls });

        Assert.Equal(
            "eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent requestParameters responseElements additionalEventData requestID eventID readOnly "
            + "resources eventType managementEvent recipientAccountId eventCategory tlsDetails", Names(record));
        Assert.Equal("type principalId arn accountId accessKeyId userName", Names(record["userIdentity"]!));
        Assert.Equal("accountId type ARN", Names(record["resources"]![0]!));
        Assert.Equal("""{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_256_GCM_SHA384","clientProvidedHostHeader":"kms.example.test:7072"}""", record["tlsDetails"]!.ToJsonString());
    }

    /// <summary>The members of https://docs.aws.amazon.com/kms/latest/developerguide/ct-rotatekey.html, and a requestID and the identity's type, by which records here are found.</summary>
    [Fact]
    public void A_record_of_the_services_own_doing_has_the_members_of_AWSs_example_of_an_event()
    {
        var record = Record(Events.Decrypt(by: Principal.Service(Events.AccountId)) with
        {
            EventType = "AwsServiceEvent",
            RequestParameters = null,
            AdditionalEventData = null,
            ServiceEventDetails = new() { ["rotationType"] = "AUTOMATIC" },
        });

        Assert.Equal(
            "eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent requestParameters responseElements requestID eventID readOnly "
            + "resources eventType managementEvent recipientAccountId serviceEventDetails eventCategory", Names(record));
        Assert.Equal("type accountId invokedBy", Names(record["userIdentity"]!));
    }

    [Fact]
    public void Behind_a_front_end_only_the_host_is_known_of_TLS() => Assert.Equal(
        """{"clientProvidedHostHeader":"example.test"}""",
        Record(Events.Decrypt() with { Caller = Events.From(Events.Alice) with { Tls = new(null, null, "example.test") } })["tlsDetails"]!.ToJsonString());

    [Fact]
    public void A_service_that_calls_for_the_caller_is_named_beside_it()
    {
        var auditEvent = Events.Decrypt() with { InvokedBy = "s3.amazonaws.com" };

        Assert.Equal("type principalId arn accountId accessKeyId userName invokedBy", Names(Record(auditEvent)["userIdentity"]!));
        Assert.Equal("alice", Parsed(auditEvent).Username);
        Assert.Equal("root", Parsed(Events.Decrypt(by: Events.Root) with { InvokedBy = "s3.amazonaws.com" }).Username);
    }

    [Fact]
    public void An_event_that_concerns_no_resource_has_none()
    {
        var auditEvent = Events.Decrypt() with { Resources = [] };

        Assert.False(Record(auditEvent).ContainsKey("resources"));
        Assert.Empty(Parsed(auditEvent).Resources);
    }

    [Fact]
    public void A_refusal_says_why_after_the_user_agent()
    {
        var record = Record(Events.Decrypt() with { ErrorCode = "AccessDenied", ErrorMessage = "User is not authorized." });

        Assert.Equal(["userAgent", "errorCode", "errorMessage", "requestParameters"], record.Select(field => field.Key).SkipWhile(name => name != "userAgent").Take(4));
        Assert.Equal("AccessDenied", (string?)record["errorCode"]);
        Assert.Equal("User is not authorized.", (string?)record["errorMessage"]);
    }

    [Fact]
    public void What_the_service_does_by_itself_is_told_after_the_recipient()
    {
        var record = Record(Events.Decrypt() with { ServiceEventDetails = new() { ["rotationType"] = "AUTOMATIC" } });

        Assert.Equal(["recipientAccountId", "serviceEventDetails", "eventCategory"], record.Select(field => field.Key).TakeLast(3));
        Assert.Equal("AUTOMATIC", (string?)record["serviceEventDetails"]!["rotationType"]);
    }

    public static TheoryData<Principal, string, string> Identities => new()
    {
        {
            Events.Root, "root",
            """{"type":"Root","principalId":"123456789012","arn":"arn:aws:iam::123456789012:root","accountId":"123456789012","accessKeyId":"AKIDROOT"}"""
        },
        { Principal.Anonymous, "anonymous", """{"type":"AWSAccount","principalId":"","accountId":"anonymous"}""" },
        { Principal.Unverified("AKIACLAIMED"), "anonymous", """{"type":"Unknown","principalId":"","accountId":"anonymous","accessKeyId":"AKIACLAIMED"}""" },
        { Principal.Unverified(null), "anonymous", """{"type":"Unknown","principalId":"","accountId":"anonymous"}""" },
        { Principal.Service(Events.AccountId), "serverless-sse", """{"type":"AWSService","accountId":"123456789012","invokedBy":"serverless-sse"}""" },
    };

    [Theory]
    [MemberData(nameof(Identities))]
    public void Each_kind_of_principal_is_written_as_CloudTrail_writes_it_and_found_by_its_name(Principal principal, string username, string identity)
    {
        var auditEvent = Events.Decrypt(by: principal);

        Assert.Equal(identity, Record(auditEvent)["userIdentity"]!.ToJsonString());
        Assert.Equal(username, Parsed(auditEvent).Username);
        Assert.Equal(principal.AccessKeyId, Parsed(auditEvent).AccessKeyId);
    }

    [Fact]
    public void What_the_service_does_by_itself_comes_from_itself()
    {
        var record = Record(Events.Decrypt() with { EventName = "RotateKey", EventType = "AwsServiceEvent", Caller = Caller.Service(Events.AccountId, "run-1") });

        Assert.Equal("AwsServiceEvent", (string?)record["eventType"]);
        Assert.Equal("serverless-sse", (string?)record["sourceIPAddress"]);
        Assert.Equal("serverless-sse", (string?)record["userAgent"]);
    }

    [Fact]
    public void An_address_is_written_in_its_own_family_and_an_unknown_origin_is_null()
    {
        var caller = Events.From(Events.Alice);

        Assert.Equal("192.0.2.7", (string?)Record(Events.Decrypt() with { Caller = caller with { SourceAddress = IPAddress.Parse("::ffff:192.0.2.7") } })["sourceIPAddress"]);
        Assert.Equal("2001:db8::1", (string?)Record(Events.Decrypt() with { Caller = caller with { SourceAddress = IPAddress.Parse("2001:db8::1") } })["sourceIPAddress"]);
        var unknown = Record(Events.Decrypt() with { Caller = caller with { SourceAddress = null, UserAgent = null } });
        Assert.True(unknown.ContainsKey("sourceIPAddress") && unknown["sourceIPAddress"] is null);
        Assert.True(unknown.ContainsKey("userAgent") && unknown["userAgent"] is null);
    }

    [Fact]
    public void A_secret_among_the_parameters_is_nowhere_in_the_record()
    {
        const string secret = "dGhpcyBpcyBhIHNlY3JldA";
        string[] names =
        [
            "Plaintext", "plaintext", "CiphertextBlob", "Authorization", "authorization", "SecretAccessKey", "X-Amz-Signature", "X-Amz-Security-Token",
            "x-amz-server-side-encryption-customer-key", "X-Amz-Server-Side-Encryption-Customer-Key-MD5", "SSECustomerKey", "CopySourceSSECustomerKey",
        ];
        var leaf = Gen.Const<Func<JsonNode>>(() => JsonValue.Create("harmless"));
        var hidden = Gen.OneOf(
            Gen.Const<Func<JsonNode>>(() => JsonValue.Create(secret)),
            Gen.Const<Func<JsonNode>>(() => new JsonObject { ["nested"] = secret }),
            Gen.Const<Func<JsonNode>>(() => new JsonArray(secret, secret)));
        var node = Gen.Recursive<Func<JsonNode>>((depth, inner) => depth > 4 ? leaf : Gen.OneOf(
            leaf,
            Gen.Select(Gen.OneOf(names), hidden, Gen.OneOf("keyId", "headers"), inner, (name, value, other, rest) =>
                (Func<JsonNode>)(() => new JsonObject { [name] = value(), [other] = rest() })),
            inner.Array[0, 3].Select(items => (Func<JsonNode>)(() => new JsonArray([.. items.Select(item => item())])))));

        Gen.Select(node, node, node).Sample((request, response, additional) =>
        {
            var auditEvent = Events.Decrypt() with
            {
                RequestParameters = new JsonObject { ["parameters"] = request() },
                ResponseElements = new JsonObject { ["elements"] = response() },
                AdditionalEventData = new JsonObject { ["data"] = additional() },
            };
            Assert.DoesNotContain(secret, Entry(auditEvent));
        }, iter: 500);
    }

    [Fact]
    public void A_hidden_secret_is_marked_as_CloudTrail_marks_it() =>
        Assert.Equal(
            """{"keyId":"k","plaintext":"HIDDEN_DUE_TO_SECURITY_REASONS","none":null}""",
            Record(Events.Decrypt() with { RequestParameters = new JsonObject { ["keyId"] = "k", ["plaintext"] = "s", ["none"] = null } })["requestParameters"]!.ToJsonString());

    [Fact]
    public void A_long_user_agent_is_cut_and_says_so()
    {
        var record = Record(Events.Decrypt() with { Caller = Events.From(Events.Alice) with { UserAgent = new string('a', 5000) } });

        Assert.Equal(new string('a', 1010) + "...[truncated]", (string?)record["userAgent"]);
    }

    [Fact]
    public void An_event_too_large_for_a_message_says_what_was_left_out_and_keeps_the_rest()
    {
        var record = Record(Events.OfSize(60_000));

        Assert.Equal($$"""{"omitted":true,"originalSize":{{60_000 + """{"padding":""}""".Length}}}""", record["requestParameters"]!.ToJsonString());
        Assert.Equal("""{"keyVersion":3}""", record["additionalEventData"]!.ToJsonString());
        Assert.Equal(Events.KeyArn, (string?)record["resources"]![0]!["ARN"]);
    }

    [Fact]
    public void Whatever_an_event_holds_it_fits_in_a_message() =>
        Gen.Select(Gen.OneOf("x", "\0", "é", "x😀x", "\"", "\uD83D", "\uDE00", "\uE000"), Gen.OneOf(1, 100, 2_000, 70_000)).Sample((unit, length) =>
        {
            var text = string.Concat(Enumerable.Repeat(unit, length));
            var auditEvent = Events.Decrypt() with
            {
                EventSource = text,
                EventName = text,
                EventType = text,
                Region = text,
                ErrorCode = text,
                ErrorMessage = text,
                Caller = new Caller(new Principal(PrincipalType.IAMUser, text, text, text, text) { UserId = text }, text, IPAddress.IPv6Loopback, text, true),
                RequestParameters = new JsonObject { [text] = text },
                ResponseElements = new JsonObject { ["a"] = text[..Math.Min(text.Length, 600)] },
                AdditionalEventData = new JsonObject { ["a"] = new JsonArray([.. Enumerable.Range(0, 5).Select(_ => JsonValue.Create(text))]) },
                Resources = [.. Enumerable.Repeat(new AuditResource(text, "arn:aws:s3:::" + text), 20)],
            };
            Assert.InRange(Encoding.UTF8.GetByteCount(Entry(auditEvent)), 1, AuditMessage.MaxEntryBytes);
            Assert.Equal(auditEvent.EventId, Parsed(auditEvent).EventId);
        });

    private static string Entry(AuditEvent auditEvent) => Encoding.UTF8.GetString(AuditEntry.Write(auditEvent, Events.AccountId));

    private static JsonObject Record(AuditEvent auditEvent) => JsonNode.Parse(Entry(auditEvent))!["record"]!.AsObject();

    private static AuditRecord Parsed(AuditEvent auditEvent) => Assert.Single(AuditMessage.Parse($"[{Entry(auditEvent)}]").Records);

    private static string Names(JsonNode record) => string.Join(' ', record.AsObject().Select(field => field.Key));
}
