using Serverless.Objects.Api;

namespace Serverless.Objects.Tests;

public class PreconditionsTests
{
    private const string ETag = "0123456789abcdef";

    private static readonly DateTimeOffset Modified = new(2026, 5, 4, 3, 2, 1, 500, TimeSpan.Zero);
    private static readonly DateTimeOffset Before = Modified.AddSeconds(-5);
    private static readonly DateTimeOffset After = Modified.AddSeconds(5);

    public static TheoryData<Preconditions, PreconditionOutcome, string?> Reads => new()
    {
        { new(null, null, null, null), PreconditionOutcome.Proceed, null },
        { new($"\"{ETag}\"", null, null, null), PreconditionOutcome.Proceed, null },
        { new(ETag, null, null, null), PreconditionOutcome.Proceed, null },
        { new("*", null, null, null), PreconditionOutcome.Proceed, null },
        { new($"\"x\", \"{ETag}\"", null, null, null), PreconditionOutcome.Proceed, null },
        { new("\"x\"", null, null, null), PreconditionOutcome.Failed, "If-Match" },
        { new(null, $"\"{ETag}\"", null, null), PreconditionOutcome.NotModified, null },
        { new(null, $"W/\"{ETag}\"", null, null), PreconditionOutcome.NotModified, null },
        { new(null, "\"x\"", null, null), PreconditionOutcome.Proceed, null },
        { new(null, null, After, null), PreconditionOutcome.NotModified, null },
        { new(null, null, Modified, null), PreconditionOutcome.NotModified, null },
        { new(null, null, Before, null), PreconditionOutcome.Proceed, null },
        { new(null, null, null, Before), PreconditionOutcome.Failed, "If-Unmodified-Since" },
        { new(null, null, null, After), PreconditionOutcome.Proceed, null },
        // S3's precedence: the ETag's condition outweighs the date's.
        { new($"\"{ETag}\"", null, null, Before), PreconditionOutcome.Proceed, null },
        { new(null, $"\"{ETag}\"", Before, null), PreconditionOutcome.NotModified, null },
        { new(null, "\"x\"", After, null), PreconditionOutcome.Proceed, null },
        { new("\"x\"", $"\"{ETag}\"", null, null), PreconditionOutcome.Failed, "If-Match" },
    };

    [Theory]
    [MemberData(nameof(Reads))]
    public void A_read_is_judged_with_S3s_precedence(Preconditions conditions, PreconditionOutcome expected, string? failed)
    {
        Assert.Equal(expected, conditions.JudgeRead(ETag, Modified, out var header));
        Assert.Equal(failed, header);
    }

    [Theory]
    [InlineData(null, "*", null, null)]
    [InlineData(null, "*", ETag, "PreconditionFailed")]
    [InlineData("\"x\"", null, ETag, "PreconditionFailed")]
    [InlineData("\"x\"", null, null, "NoSuchKey")]
    [InlineData("\"" + ETag + "\"", null, ETag, null)]
    [InlineData(null, null, ETag, null)]
    public void A_write_is_judged_on_what_it_would_replace(string? ifMatch, string? ifNoneMatch, string? existing, string? code) =>
        Assert.Equal(code, new Preconditions(ifMatch, ifNoneMatch, null, null).JudgeWrite(existing, "k")?.Code);

    [Theory]
    [InlineData("*", null, "If-Match")]
    [InlineData(null, "\"x\"", "If-None-Match")]
    [InlineData("\"x\"", "*", "If-Match,If-None-Match")]
    public void A_write_refuses_the_forms_that_S3_refuses(string? ifMatch, string? ifNoneMatch, string header)
    {
        var error = new Preconditions(ifMatch, ifNoneMatch, null, null).JudgeWriteForm();
        Assert.Equal(("NotImplemented", 501), (error?.Code, error?.Status));
        Assert.Contains(new("Header", header), error!.Fields);
    }
}
