using System.Globalization;
using System.Xml.Linq;
using Serverless.Objects.Api;

namespace Serverless.Objects.Cors;

/// <summary>A bucket's rules for requests of other origins' pages (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSConfiguration.html).</summary>
/// <param name="Rules">One to <see cref="MaxRules"/>, in their order: the first that allows a request counts.</param>
public sealed record CorsConfiguration(IReadOnlyList<CorsRule> Rules)
{
    public const string Root = "CORSConfiguration";

    /// <summary>The largest document, in bytes (API_PutBucketCors.html).</summary>
    public const int MaxSize = 64 * 1024;

    private const int MaxRules = 100;
    private const int MaxIdLength = 255;

    private const string Rule = "CORSRule";
    private const string Id = "ID";
    private const string Method = "AllowedMethod";
    private const string Origin = "AllowedOrigin";
    private const string Header = "AllowedHeader";
    private const string Expose = "ExposeHeader";
    private const string MaxAge = "MaxAgeSeconds";

    /// <exception cref="S3Exception">MalformedXML; InvalidRequest for a method, or a wildcard, that S3 does not take.</exception>
    public static CorsConfiguration Read(XElement? document)
    {
        if (document is not { Name.LocalName: Root }) throw Malformed();
        var elements = document.Elements().ToList();
        if (elements.Count is 0 or > MaxRules || elements.Any(element => element.Name.LocalName != Rule)) throw Malformed();
        // As S3 does: the form of all rules before what any of them says.
        List<CorsRule> rules = [.. elements.Select(ReadRule)];
        rules.ForEach(Judge);
        return new(rules);
    }

    public XElement Write() => S3Xml.Element(Root, Rules.Select(rule => S3Xml.Element(Rule,
        rule.Id is null ? null : S3Xml.Element(Id, rule.Id),
        rule.AllowedMethods.Select(method => S3Xml.Element(Method, method)),
        rule.AllowedOrigins.Select(origin => S3Xml.Element(Origin, origin)),
        rule.AllowedHeaders.Select(header => S3Xml.Element(Header, header)),
        rule.MaxAgeSeconds is { } seconds ? S3Xml.Element(MaxAge, seconds) : null,
        rule.ExposeHeaders.Select(header => S3Xml.Element(Expose, header)))));

    private static CorsRule ReadRule(XElement element)
    {
        var values = element.Elements().ToLookup(child => child.Name.LocalName, child => child.HasElements ? throw Malformed() : child.Value);
        if (values.Any(group => group.Key is not (Id or Method or Origin or Header or Expose or MaxAge))) throw Malformed();
        if (!values[Origin].Any() || !values[Method].Any() || values[Id].Count() > 1 || values[MaxAge].Count() > 1) throw Malformed();
        var (id, maxAge) = (values[Id].SingleOrDefault(), values[MaxAge].SingleOrDefault());
        if (id is { Length: > MaxIdLength }) throw Malformed();
        // What is written into answers must be a header's text.
        if (values[Expose].Any(header => header.AsSpan().ContainsAnyExceptInRange(' ', '~'))) throw Malformed();
        return new([.. values[Origin]], [.. values[Method]])
        {
            Id = id,
            AllowedHeaders = [.. values[Header]],
            ExposeHeaders = [.. values[Expose]],
            MaxAgeSeconds = maxAge is null ? null : int.TryParse(maxAge, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : throw Malformed(),
        };
    }

    private static void Judge(CorsRule rule)
    {
        if (rule.AllowedMethods.FirstOrDefault(method => !CorsRule.Methods.Contains(method)) is { } unknown)
            throw Invalid($"Found unsupported HTTP method in CORS config. Unsupported method is {unknown}");
        RequireOneWildcard(Origin, rule.AllowedOrigins);
        RequireOneWildcard(Header, rule.AllowedHeaders);
        if (rule.ExposeHeaders.FirstOrDefault(header => header.Contains('*', StringComparison.Ordinal)) is { } wild)
            throw Invalid($"ExposeHeader \"{wild}\" contains wildcard. We currently do not support wildcard for ExposeHeader.");
    }

    private static void RequireOneWildcard(string element, IEnumerable<string> values)
    {
        if (values.FirstOrDefault(value => value.Count(c => c == '*') > 1) is { } wild) throw Invalid($"{element} \"{wild}\" can not have more than one wildcard.");
    }

    private static S3Exception Malformed() => new(S3Errors.MalformedXml);

    private static S3Exception Invalid(string message) => new(S3Errors.InvalidRequest(message));
}
