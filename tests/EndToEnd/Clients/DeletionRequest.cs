using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Serverless.EndToEnd.Clients;

/// <summary>DeleteObjects, to the letter.</summary>
internal static class DeletionRequest
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <param name="bucket">The bucket.</param>
    /// <param name="content">What is in the document's root.</param>
    public static RawRequest Of(string bucket, string content) => OfDocument(bucket, $"<Delete xmlns=\"{S3.NamespaceName}\">{content}</Delete>");

    public static RawRequest OfDocument(string bucket, string document)
    {
        var body = Encoding.UTF8.GetBytes(document);
        return new RawRequest("POST", $"/{bucket}") { Query = [("delete", "")], Body = body, Headers = [("Content-MD5", Convert.ToBase64String(MD5.HashData(body)))] };
    }

    /// <summary>What became of each object: its key, its version if it was named, and the error's code and message if there was one.</summary>
    public static IReadOnlyList<string> Outcomes(RawAnswer answer)
    {
        var root = XElement.Parse(answer.Text);
        Assert.Equal(S3 + "DeleteResult", root.Name);
        Assert.All(root.Elements(), outcome => Assert.Equal(outcome.Element(S3 + "Code") is null ? "Deleted" : "Error", outcome.Name.LocalName));
        return [.. root.Elements().Select(outcome => string.Join(' ', outcome.Elements().Select(element => element.Value)))];
    }
}
