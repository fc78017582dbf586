using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Store;

namespace Serverless.Objects.Browser;

/// <summary>
/// The answer to a form whose file is stored: the page that the form sends the browser to, or the status that it asks for
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html; the document and the redirection's query as S3 was seen to send them).
/// </summary>
internal static class PostAnswer
{
    private const string RedirectField = "success_action_redirect";
    private const string FormerRedirectField = "redirect";
    private const string StatusField = "success_action_status";

    public static Task WriteAsync(S3Request request, FormFields fields, ObjectDescription stored)
    {
        var response = request.Response;
        var (location, etag) = ($"{request.BucketUrl}/{Uri.EscapeDataString(request.Key)}", $"\"{stored.ETag}\"");
        if (RedirectionOf(fields) is { } page)
        {
            response.StatusCode = StatusCodes.Status303SeeOther;
            response.Headers.Location = WithQuery(page, $"bucket={Encode(request.BucketName)}&key={Encode(request.Key)}&etag={Encode(etag)}");
            return Task.CompletedTask;
        }
        response.Headers.Location = location;
        response.StatusCode = fields.Find(StatusField) switch
        {
            "200" => StatusCodes.Status200OK,
            "201" => StatusCodes.Status201Created,
            _ => StatusCodes.Status204NoContent,
        };
        return response.StatusCode != StatusCodes.Status201Created ? Task.CompletedTask : S3Xml.WriteAsync(response, new XElement("PostResponse",
            new XElement("Location", location), new XElement("Bucket", request.BucketName), new XElement("Key", request.Key), new XElement("ETag", etag)), request.Aborted);
    }

    /// <summary>The page, as it was sent if a header can hold that; null where the form names none, or what is no address of one.</summary>
    private static string? RedirectionOf(FormFields fields)
    {
        var sent = fields.Find(RedirectField) ?? fields.Find(FormerRedirectField);
        if (!Uri.TryCreate(sent, UriKind.Absolute, out var page) || page.Scheme is not ("http" or "https")) return null;
        return sent.AsSpan().ContainsAnyExceptInRange('!', '~') ? page.AbsoluteUri : sent;
    }

    private static string WithQuery(string page, string query)
    {
        var end = page.IndexOf('#', StringComparison.Ordinal) is >= 0 and var fragment ? fragment : page.Length;
        return $"{page[..end]}{(page.AsSpan(0, end).Contains('?') ? '&' : '?')}{query}{page[end..]}";
    }

    /// <summary>As a form's query is encoded.</summary>
    private static string Encode(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}
