using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Browser;

/// <summary>
/// The fields of a form that stand for a PutObject's headers. The headers of the request itself count for none of it: no policy is about them.
/// </summary>
public static class FormHeaders
{
    private const string Amazon = "x-amz-";

    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> Control = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 0x20).Append(0x7F).Select(value => (char)value)));

    /// <summary>The field whose value is a document of tags, where a header's is a query.</summary>
    private const string TaggingField = "tagging";

    /// <summary>The fields by the headers that they stand for, where these are not their names.</summary>
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["acl"] = "x-amz-acl",
        ["x-amz-checksum-algorithm"] = "x-amz-sdk-checksum-algorithm",
    };

    private static readonly HashSet<string> Standard = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.CacheControl, HeaderNames.ContentDisposition, HeaderNames.ContentEncoding, HeaderNames.ContentLanguage, HeaderNames.ContentType, HeaderNames.Expires,
        HeaderNames.ContentMD5,
    };

    /// <summary>Those that sign the form, and what only a request's own body can have.</summary>
    private static readonly HashSet<string> NoHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        FormAuthenticator.SignatureField, FormAuthenticator.AlgorithmField, FormAuthenticator.CredentialField, FormAuthenticator.DateField, FormAuthenticator.TokenField,
        "x-amz-trailer", "x-amz-content-sha256", "x-amz-decoded-content-length", CopySource.Header,
    };

    /// <exception cref="S3Exception">InvalidArgument: a name or a value that no header can have; MalformedXML, BadRequest, InvalidTag: the tags are none.</exception>
    public static IHeaderDictionary Of(FormFields fields)
    {
        var headers = new HeaderDictionary();
        foreach (var (field, value) in fields)
        {
            var name = Renamed.GetValueOrDefault(field) ?? field;
            if (NoHeaders.Contains(name) || !(Standard.Contains(name) || name.StartsWith(Amazon, StringComparison.OrdinalIgnoreCase))) continue;
            if (name.AsSpan().ContainsAnyExcept(Token)) throw new S3Exception(PostErrors.NotAHeader(field));
            var text = TextOf(name, value) ?? throw new S3Exception(PostErrors.NotAHeader(field));
            // Two fields may stand for one header; one may be empty, which Append would drop.
            headers[name] = headers.TryGetValue(name, out var other) ? $"{other},{text}" : text;
        }
        if (fields.Find(TaggingField) is { } tagging) TaggingHeader.Write(headers, TagSet.Read(S3Xml.Parse(Encoding.UTF8.GetBytes(tagging)), TagRules.OfObject));
        return headers;
    }

    /// <summary>The value as a header has it; S3 writes metadata that no header can hold as RFC 2047 does (userguide/UsingMetadata.html). Null where there is no way.</summary>
    private static string? TextOf(string name, string value)
    {
        if (!value.AsSpan().ContainsAny(Control)) return value;
        return name.StartsWith(ObjectMetadata.UserPrefix, StringComparison.OrdinalIgnoreCase) ? $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=" : null;
    }
}
