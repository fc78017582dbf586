using System.Text;
using System.Xml;
using CsCheck;

namespace Serverless.Access.Tests;

/// <summary>Whatever is given as a document, it is read or refused, and what is read can be judged.</summary>
public sealed class PolicyFuzzTests
{
    private static readonly Gen<string> Document = StatementText.Generate.Array[0, 3].Select(statements =>
        $$"""{"Version":"2012-10-17","Id":"x","Statement":[{{string.Join(",", statements.Select(statement => statement.ToString()))}}]}""");

    private static readonly Gen<string> Fragment = Choice.Of(
        "{", "}", "[", "]", "\"", ",", ":", "null", "1e999", "-0", "true", "\\", "\\ud800", "\\u0000", "\0", "\ud800", "\u2028", "😀", "*", "?", "${", "}", "${aws:userid, '", "'",
        "Statement", "Effect", "NotPrincipal", "NotResource", "\"Condition\":{}", "\"Sid\":\"a\",", "arn:aws:s3:::bucket", "arn:aws:kms:", ":::::", "aws:", "s3:", "Null", "ForAllValues:",
        "IfExists", "BinaryEquals", "Bool", "DateEquals", "IpAddress", "ArnLike", "1/2/3", "::/0", "0.0.0.0/-1", new string('[', 100), new string('9', 400));

    private static readonly Gen<string> Mutated = Gen.Select(Document, Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 12], Fragment).Array[0, 4]).Select((document, changes) =>
    {
        foreach (var (at, removed, fragment) in changes)
        {
            var start = at % (document.Length + 1);
            document = document[..start] + fragment + document[Math.Min(document.Length, start + removed)..];
        }
        return document;
    });

    private static readonly Gen<string> Anything = Gen.OneOf(
        Mutated, Mutated, Fragment.Array[0, 20].Select(string.Concat), Gen.Byte.Array[0, 50].Select(Encoding.Latin1.GetString), Gen.String);

    [Fact]
    public void Any_document_is_read_or_refused() =>
        Gen.Select(Anything, StatementText.Requests).Sample((document, request) =>
        {
            Try(() => Policy.ForBucket(document, "arn:aws:s3:::bucket"), request);
            Try(() => Policy.ForIdentity(document.Replace("\"Principal\": \"*\",", "")), request);
            Try(() => Policy.ForKey(document.Replace("s3:", "kms:").Replace("arn:aws:kms:::bucket", "*")), request);
        }, iter: 5_000);

    [Fact]
    public void Not_every_changed_document_is_refused()
    {
        var (read, refused) = (0, 0);
        Mutated.Sample(document =>
        {
            try
            {
                Policy.ForBucket(document, "arn:aws:s3:::bucket");
                read++;
            }
            catch (PolicyException)
            {
                refused++;
            }
        }, iter: 2000, threads: 1);
        Assert.InRange(read, 200, 1800);
        Assert.InRange(refused, 200, 1800);
    }

    private static void Try(Func<Policy> parse, PolicyRequest request)
    {
        try
        {
            var policy = parse();
            policy.Evaluate(request);
            policy.Mentions("aws:useragent");
        }
        catch (PolicyException refused)
        {
            Assert.NotEmpty(refused.Message);
            // It goes into an XML answer as it is.
            Assert.Equal(refused.Message, XmlConvert.VerifyXmlChars(refused.Message));
            Assert.InRange(refused.Message.Length, 1, 600);
        }
    }
}
