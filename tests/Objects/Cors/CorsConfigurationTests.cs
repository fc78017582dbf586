using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Cors;

namespace Serverless.Objects.Tests.Cors;

public class CorsConfigurationTests
{
    private const string Get = "<AllowedMethod>GET</AllowedMethod>";
    private const string Any = "<AllowedOrigin>*</AllowedOrigin>";

    [Fact]
    public void A_document_is_answered_as_it_was_put()
    {
        const string Document = "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule><ID>one</ID><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod>"
            + "<AllowedOrigin>https://*.example.test</AllowedOrigin><AllowedOrigin>http://test.com:80</AllowedOrigin><AllowedHeader>x-AMZ-*</AllowedHeader>"
            + "<MaxAgeSeconds>3000</MaxAgeSeconds><ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-id-2</ExposeHeader></CORSRule>"
            + "<CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedOrigin></AllowedOrigin></CORSRule></CORSConfiguration>";
        Assert.Equal(Document, CorsConfiguration.Read(XElement.Parse(Document)).Write().ToString(SaveOptions.DisableFormatting));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<CORSRule/>")]
    [InlineData($"<CORSRule>{Get}</CORSRule>")]
    [InlineData($"<CORSRule>{Any}</CORSRule>")]
    [InlineData($"<CORSRule>{Get}{Any}<Other/></CORSRule>")]
    [InlineData($"<CORSRule>{Get}{Any}<ID>1</ID><ID>2</ID></CORSRule>")]
    [InlineData($"<CORSRule>{Get}{Any}<MaxAgeSeconds>1</MaxAgeSeconds><MaxAgeSeconds>1</MaxAgeSeconds></CORSRule>")]
    [InlineData($"<CORSRule>{Get}{Any}<MaxAgeSeconds>-1</MaxAgeSeconds></CORSRule>")]
    [InlineData($"<CORSRule>{Get}{Any}<MaxAgeSeconds>2147483648</MaxAgeSeconds></CORSRule>")]
    [InlineData($"<CORSRule>{Get}{Any}<MaxAgeSeconds/></CORSRule>")]
    [InlineData($"<CORSRule>{Get}<AllowedOrigin><b/></AllowedOrigin></CORSRule>")]
    [InlineData($"<CORSRule>{Get}{Any}<ExposeHeader>a&#13;&#10;Set-Cookie: b</ExposeHeader></CORSRule>")]
    [InlineData($"<CORSRule>{Get}{Any}<ExposeHeader>ü</ExposeHeader></CORSRule>")]
    [InlineData($"<CORSRule>{Get}{Any}</CORSRule><Other/>")]
    // The form of every rule comes before what any of them says.
    [InlineData($"<CORSRule>{Any}<AllowedMethod>OPTIONS</AllowedMethod></CORSRule><CORSRule/>")]
    public void A_document_of_another_form_is_malformed(string rules) =>
        Assert.Equal(S3Errors.MalformedXml, Refusal($"<CORSConfiguration>{rules}</CORSConfiguration>"));

    [Fact]
    public void Other_documents_and_none_are_malformed()
    {
        Assert.Equal(S3Errors.MalformedXml, Refusal("<Other/>"));
        Assert.Equal(S3Errors.MalformedXml, Assert.Throws<S3Exception>(() => CorsConfiguration.Read(null)).Error);
    }

    [Theory]
    [InlineData(100, 255, true)]
    [InlineData(101, 255, false)]
    [InlineData(1, 256, false)]
    public void There_are_at_most_100_rules_with_names_of_at_most_255_characters(int rules, int nameLength, bool taken)
    {
        var rule = $"<CORSRule><ID>{new string('i', nameLength)}</ID>{Get}{Any}</CORSRule>";
        var document = XElement.Parse($"<CORSConfiguration>{string.Concat(Enumerable.Repeat(rule, rules))}</CORSConfiguration>");
        if (taken) Assert.Equal(rules, CorsConfiguration.Read(document).Rules.Count);
        else Assert.Throws<S3Exception>(() => CorsConfiguration.Read(document));
    }

    [Theory]
    [InlineData($"{Any}<AllowedMethod>MYMETHOD</AllowedMethod>", "Found unsupported HTTP method in CORS config. Unsupported method is MYMETHOD")]
    [InlineData($"{Any}<AllowedMethod>OPTIONS</AllowedMethod>", "Found unsupported HTTP method in CORS config. Unsupported method is OPTIONS")]
    [InlineData($"{Any}<AllowedMethod>get</AllowedMethod>", "Found unsupported HTTP method in CORS config. Unsupported method is get")]
    [InlineData($"{Any}<AllowedMethod/>", "Found unsupported HTTP method in CORS config. Unsupported method is ")]
    [InlineData($"{Get}<AllowedOrigin>*example*.com</AllowedOrigin>", "AllowedOrigin \"*example*.com\" can not have more than one wildcard.")]
    [InlineData($"{Get}{Any}<AllowedHeader>**</AllowedHeader>", "AllowedHeader \"**\" can not have more than one wildcard.")]
    [InlineData($"{Get}{Any}<ExposeHeader>x-*</ExposeHeader>", "ExposeHeader \"x-*\" contains wildcard. We currently do not support wildcard for ExposeHeader.")]
    public void A_rule_that_says_what_S3_does_not_take_is_refused_in_its_words(string rule, string message) =>
        Assert.Equal(S3Errors.InvalidRequest(message), Refusal($"<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>"), Same);

    private static bool Same(S3Error expected, S3Error actual) => (expected.Code, expected.Status, expected.Message) == (actual.Code, actual.Status, actual.Message);

    private static S3Error Refusal(string document) => Assert.Throws<S3Exception>(() => CorsConfiguration.Read(XElement.Parse(document))).Error;
}
