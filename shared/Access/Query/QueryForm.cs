using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>
/// A request's parameters in the query protocol: those of its query and of its form, each name once
/// (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html).
/// </summary>
internal sealed class QueryForm
{
    /// <summary>The largest form in bytes; the largest that makes sense holds a policy of 2048 characters and its white space.</summary>
    public const int MaxBodySize = 64 * 1024;

    private const string FormType = "application/x-www-form-urlencoded";
    private const string SignaturePrefix = "X-Amz-";

    private readonly Dictionary<string, string> parameters = new(StringComparer.Ordinal);

    /// <summary>Whether a request posts a form.</summary>
    public static bool IsForm(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && request.ContentType?.StartsWith(FormType, StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>Reads them, the form to its verified end.</summary>
    /// <exception cref="AccessException">They are malformed or too large.</exception>
    public static async ValueTask<QueryForm> ReadAsync(HttpRequest request, SignedRequest signed, CancellationToken cancellationToken)
    {
        var form = new QueryForm();
        form.Add(signed.Target.Query);
        var body = await ReadBodyAsync(signed, cancellationToken);
        if (IsForm(request))
        {
            form.Add(Parse(body));
        }
        return form;
    }

    /// <summary>A parameter's value, or null where there is none.</summary>
    public string? Find(string name) => parameters.GetValueOrDefault(name);

    /// <summary>The names of a structure's or list's members, with their values, such as <c>member.1.Key</c> of <c>Tags.member.1.Key</c>.</summary>
    public IEnumerable<KeyValuePair<string, string>> Members(string name) =>
        parameters.Where(parameter => parameter.Key.StartsWith(name + ".", StringComparison.Ordinal))
            .Select(parameter => KeyValuePair.Create(parameter.Key[(name.Length + 1)..], parameter.Value));

    /// <summary>Whether there is a parameter of that name, or a list.</summary>
    public bool Has(string name) => parameters.ContainsKey(name) || Members(name).Any();

    /// <summary>Refuses parameters that an action does not take, rather than ignoring them.</summary>
    /// <param name="action">The action.</param>
    /// <param name="names">The names of the parameters that it takes; a list's ends with a dot.</param>
    /// <exception cref="AccessException">There is another one.</exception>
    public void AllowOnly(string action, params ReadOnlySpan<string> names)
    {
        foreach (var parameter in parameters.Keys)
        {
            if (parameter is not (QueryProtocol.Action or QueryProtocol.Version) && !IsAmong(names, parameter))
            {
                throw new AccessException(QueryErrors.UnknownParameter(action, parameter));
            }
        }
    }

    private static bool IsAmong(ReadOnlySpan<string> names, string parameter)
    {
        foreach (var name in names)
        {
            if (parameter == name || (name.EndsWith('.') && (parameter.StartsWith(name, StringComparison.Ordinal) || parameter == name[..^1])))
            {
                return true;
            }
        }
        return false;
    }

    private static async ValueTask<string> ReadBodyAsync(SignedRequest signed, CancellationToken cancellationToken)
    {
        try
        {
            var body = await signed.ReadBodyAsync(MaxBodySize, cancellationToken);
            return Utf8.IsValid(body.Span) ? Encoding.UTF8.GetString(body.Span) : throw new AccessException(QueryErrors.Malformed);
        }
        catch (AccessException refused) when (refused.Error != QueryErrors.Malformed)
        {
            throw new AccessException(SignatureErrors.ForQuery(refused.Error));
        }
    }

    private static QueryParameters Parse(string body)
    {
        try
        {
            return QueryParameters.Parse(body);
        }
        catch (AccessException)
        {
            throw new AccessException(QueryErrors.Malformed);
        }
    }

    private void Add(QueryParameters query)
    {
        foreach (var (name, value) in query)
        {
            if (name.StartsWith(SignaturePrefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            // What is taken in can be answered with: an answer is XML.
            if (!XmlSafeText.IsSafe(name) || !XmlSafeText.IsSafe(value))
            {
                throw new AccessException(QueryErrors.Malformed);
            }
            if (!parameters.TryAdd(name, value))
            {
                throw new AccessException(QueryErrors.Duplicate(name));
            }
        }
    }
}
