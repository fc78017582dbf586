using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>Whose a request, or a form, that could not be authenticated says that it is. Nothing of it is verified, and nothing else of the signature is in it.</summary>
/// <param name="AccessKeyId">The access key's id; null where it is not of the form of one.</param>
/// <param name="Service">The service in the credential's scope; "" where there is none.</param>
/// <param name="Method">How it is signed, as CloudTrail's records of S3 name it (<c>AuthenticationMethod</c>).</param>
public sealed partial record ClaimedCredential(string? AccessKeyId, string Service, string Method)
{
    private const string Header = "AuthHeader", QueryString = "QueryString", HtmlForm = "HtmlForm";

    /// <summary>What the header or the query claims; null where neither signs at all.</summary>
    internal static ClaimedCredential? Of(IHeaderDictionary headers, QueryParameters? query)
    {
        var authorization = headers.Authorization.ToString();
        if (authorization.Length > 0) return Parse(InHeader().Match(authorization), Header);
        if (query is null) return null;
        foreach (var (name, value) in query)
        {
            if (name.Equals("X-Amz-Credential", StringComparison.OrdinalIgnoreCase) || name is "AWSAccessKeyId") return Parse(Alone().Match(value), QueryString);
        }
        return PresignedQuery.IsSigned(query) || PresignedQuery.IsSignedV2(query) ? new(null, "", QueryString) : null;
    }

    /// <summary>What a form's fields claim.</summary>
    public static ClaimedCredential Of(FormFields fields) => Parse(Alone().Match(fields.Find(FormAuthenticator.CredentialField) ?? fields.Find("AWSAccessKeyId") ?? ""), HtmlForm);

    private static ClaimedCredential Parse(Match match, string method) => new(match.Success ? match.Groups["id"].Value : null, match.Groups["service"].Value, method);

    // Signature Version 4 has the whole scope behind "Credential=", version 2 only the id behind "AWS ".
    [GeneratedRegex(@"(?:\bCredential=|\AAWS )(?<id>[A-Za-z0-9_]{16,128})(?:/[^/,]*/[^/,]*/(?<service>[a-z0-9-]{1,32})/|[/:,]|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex InHeader();

    [GeneratedRegex(@"\A(?<id>[A-Za-z0-9_]{16,128})(?:/[^/]*/[^/]*/(?<service>[a-z0-9-]{1,32})/|/|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex Alone();
}
