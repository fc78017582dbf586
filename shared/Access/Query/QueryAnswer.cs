using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>The documents of the query protocol.</summary>
public static partial class QueryAnswer
{
    /// <summary>How much of a form is looked at for its action, in bytes; clients put it first.</summary>
    private const int MaxLookedAt = 4096;

    private const string ContentType = "text/xml";

    private static readonly XmlWriterSettings WriterSettings = new() { Encoding = new UTF8Encoding(false), OmitXmlDeclaration = true };

    /// <summary>Whether a request looks like one of the query protocol: a form posted to <c>/</c>, or a GET whose query names an action.</summary>
    public static bool IsExpected(HttpRequest request) =>
        request.Path == "/" && (QueryForm.IsForm(request) || (HttpMethods.IsGet(request.Method) && request.Query.ContainsKey(QueryProtocol.Action)));

    /// <summary>The action that a request names which could not be authenticated, in its query or in what has come of its form; null where none is seen.</summary>
    public static string? ActionOf(HttpRequest request)
    {
        if (!QueryForm.IsForm(request))
        {
            return request.Query[QueryProtocol.Action];
        }
        if (!request.BodyReader.TryRead(out var read))
        {
            return null;
        }
        var form = Encoding.UTF8.GetString(read.Buffer.Slice(0, Math.Min(read.Buffer.Length, MaxLookedAt)));
        request.BodyReader.AdvanceTo(read.Buffer.Start);
        return ActionParameter().Match(form) is { Success: true } match ? match.Groups["name"].Value : null;
    }

    /// <summary>Refuses a request that could not be authenticated, and so belongs to no API yet.</summary>
    public static Task RefuseAsync(HttpContext context, string requestId, AccessError refused, CancellationToken cancellationToken)
    {
        var error = SignatureErrors.ForQuery(refused);
        return SendAsync(context, requestId, error.Status, XNamespace.None, Refusal(error, requestId), cancellationToken);
    }

    /// <summary>The answer to an action.</summary>
    internal static XElement Success(string action, IReadOnlyList<XElement>? result, string requestId) => new(
        action + "Response",
        result is null ? null : new XElement(action + "Result", result),
        new XElement("ResponseMetadata", new XElement("RequestId", requestId)));

    /// <summary>The answer that an error is.</summary>
    internal static XElement Refusal(AccessError error, string requestId) => new(
        "ErrorResponse",
        new XElement(
            "Error",
            new XElement("Type", error.Status < StatusCodes.Status500InternalServerError ? "Sender" : "Receiver"),
            new XElement("Code", error.Code),
            new XElement("Message", XmlSafeText.Of(error.Message))),
        new XElement("RequestId", requestId));

    /// <summary>Sends a document, all of whose elements get the API's namespace.</summary>
    internal static async Task SendAsync(
        HttpContext context, string requestId, int status, XNamespace xmlNamespace, XElement root, CancellationToken cancellationToken)
    {
        foreach (var element in root.DescendantsAndSelf())
        {
            element.Name = xmlNamespace + element.Name.LocalName;
        }
        using var document = new MemoryStream();
        using (var writer = XmlWriter.Create(document, WriterSettings))
        {
            root.WriteTo(writer);
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = document.Length;
        context.Response.Headers["x-amzn-RequestId"] = requestId;
        await context.Response.Body.WriteAsync(document.GetBuffer().AsMemory(0, (int)document.Length), cancellationToken);
    }

    [GeneratedRegex(@"(?:\A|&)Action=(?<name>[A-Za-z0-9]+)(?:&|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex ActionParameter();
}
