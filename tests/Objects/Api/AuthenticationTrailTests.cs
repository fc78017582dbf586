using Microsoft.Extensions.Time.Testing;
using Serverless.Access;
using Serverless.Keys.Tests;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tests.Api;

public sealed class AuthenticationTrailTests
{
    private static readonly AccessError Mismatch = AccessErrors.SignatureDoesNotMatch("AKIA", [], "the signature", default);
    private static readonly Caller Caller = new(Principal.Unverified("AKIACLAIMEDCLAIMED01"), "request-1", null, "curl", false);

    private readonly RecordingTrail queue = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly AuthenticationTrail trail;

    public AuthenticationTrailTests() => trail = new(queue, new ServiceIdentity { Region = "eu-west-1" }, time);

    [Fact]
    public async Task A_failure_is_recorded_with_what_it_claims_and_nothing_of_its_signature()
    {
        await FailAsync(new("s3.amazonaws.com", "GetObject", true, new() { ["bucketName"] = "photos", ["key"] = "cat" }), Mismatch);
        var recorded = Assert.Single(queue.Events);
        Assert.Equal(("s3.amazonaws.com", "GetObject", true, "eu-west-1"), (recorded.EventSource, recorded.EventName, recorded.ReadOnly, recorded.Region));
        Assert.Equal((Caller, "SignatureDoesNotMatch", Mismatch.Message), (recorded.Caller, recorded.ErrorCode, recorded.ErrorMessage));
        Assert.Equal("""{"bucketName":"photos","key":"cat"}""", recorded.RequestParameters!.ToJsonString());
        Assert.Equal("""{"AuthenticationMethod":"AuthHeader"}""", recorded.AdditionalEventData!.ToJsonString());
        Assert.Empty(recorded.Resources);
    }

    [Fact]
    public async Task What_a_message_quotes_of_the_credential_is_left_out()
    {
        await FailAsync(error: AccessErrors.MalformedHeader("incorrect date format \"c2VjcmV0\". This date in the credential must be in the format \"yyyyMMdd\"."));
        await FailAsync(error: FormErrors.ConditionFailed("""["eq", "$x-amz-server-side-encryption-customer-key", "c2VjcmV0"]"""));
        Assert.Equal(
            ["The authorization header is malformed; incorrect date format", "Invalid according to Policy: Policy Condition failed:"],
            queue.Events.Select(recorded => recorded.ErrorMessage));
    }

    [Fact]
    public async Task More_than_a_few_in_a_second_are_counted_and_the_next_record_tells_how_many()
    {
        for (var i = 0; i < 1000; i++) await FailAsync();
        Assert.Equal(AuthenticationTrail.MaxPerSecond, queue.Events.Count);
        time.Advance(TimeSpan.FromSeconds(1));
        await FailAsync();
        await FailAsync();
        Assert.Equal([(long?)(1000 - AuthenticationTrail.MaxPerSecond), null], queue.Events.TakeLast(2).Select(recorded => (long?)recorded.AdditionalEventData!["unrecordedFailures"]));
    }

    [Fact]
    public async Task A_trail_that_takes_none_changes_nothing_and_they_are_counted()
    {
        queue.IsUnavailable = true;
        for (var i = 0; i < 3; i++)
        {
            await FailAsync();
            time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Empty(queue.Events);
        queue.IsUnavailable = false;
        await FailAsync();
        Assert.Equal(3, (long?)Assert.Single(queue.Events).AdditionalEventData!["unrecordedFailures"]);
    }

    [Fact]
    public async Task Many_at_once_are_recorded_or_counted_once_each()
    {
        await Parallel.ForAsync(0, 1000, async (_, _) => await FailAsync());
        time.Advance(TimeSpan.FromSeconds(1));
        await FailAsync();
        Assert.Equal(1001, queue.Events.Count + (long)queue.Events[^1].AdditionalEventData!["unrecordedFailures"]!);
    }

    public static TheoryData<string, string, string, bool> Targets => new()
    {
        { "TrentService.Decrypt", "kms.amazonaws.com", "Decrypt", true },
        { "TrentService.CreateKey", "kms.amazonaws.com", "CreateKey", false },
        { "TrentService.3", "kms.amazonaws.com", "Unknown", false },
        { "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", "cloudtrail.amazonaws.com", "LookupEvents", true },
        { "ServerlessSse_20261125.RotateMasterKey", "sse.amazonaws.com", "RotateMasterKey", false },
        { "ServerlessSse_20261125.DescribeMasterKey", "sse.amazonaws.com", "DescribeMasterKey", true },
        { "ServerlessSse_20261125.<script>", "sse.amazonaws.com", "Unknown", false },
        { ".", "kms.amazonaws.com", "Unknown", false },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_target_tells_the_API_and_the_operation(string target, string source, string name, bool isReadOnly) =>
        Assert.Equal(new(source, name, isReadOnly), ClaimedOperation.OfTarget(target));

    [Theory]
    [InlineData("GET", "bucket", "key", "", "GetObject", true)]
    [InlineData("PUT", "bucket", "key", "", "PutObject", false)]
    [InlineData("PUT", "bucket", "", "publicAccessBlock", "PutBucketPublicAccessBlock", false)]
    [InlineData("GET", "", "", "", "ListBuckets", true)]
    [InlineData("PUT", "bucket", "", "website", "Unknown", false)]
    public void A_request_to_S3_tells_its_operation_as_any_other(string method, string bucket, string key, string query, string name, bool isReadOnly)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        var operation = ClaimedOperation.OfS3(request, new(bucket, key, false), QueryParameters.Parse(query));
        Assert.Equal((name, isReadOnly), (operation.EventName, operation.IsReadOnly));
        Assert.Equal((bucket.Length > 0 ? bucket : null, key.Length > 0 ? key : null), ((string?)operation.Parameters?["bucketName"], (string?)operation.Parameters?["key"]));
    }

    private ValueTask FailAsync(ClaimedOperation? operation = null, AccessError? error = null) =>
        trail.RecordAsync(Caller, operation ?? new("s3.amazonaws.com", "GetObject", true), "AuthHeader", error ?? Mismatch);
}
