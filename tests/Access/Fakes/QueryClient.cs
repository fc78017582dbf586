using System.Text;
using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Access.Tests;

/// <summary>An answer of the query protocol; its elements without their namespace.</summary>
internal sealed record QueryResult(int Status, string Namespace, XElement Document, string Text)
{
    public string? ErrorCode => Document.Element("Error")?.Element("Code")?.Value;

    public string? ErrorMessage => Document.Element("Error")?.Element("Message")?.Value;

    /// <summary>The one element of that name, wherever it is; null where there is none.</summary>
    public string? this[string name] => Document.Descendants(name).SingleOrDefault()?.Value;

    /// <summary>The members of a list.</summary>
    public IReadOnlyList<XElement> Members(string list) => [.. Document.Descendants(list).Single().Elements("member")];
}

/// <summary>A client of IAM and STS: signs a request, has the signature verified by the instance's own authenticator, and hands it to the endpoint.</summary>
internal sealed record QueryClient(AccessWorld World, IServiceProvider Instance)
{
    public string AccessKeyId { get; init; } = SigningClient.ExampleKeyId;

    public string Secret { get; init; } = SigningClient.ExampleSecret;

    public string Service { get; init; } = "iam";

    public string Region { get; init; } = "us-east-1";

    public string Version => Service == "iam" ? "2010-05-08" : "2011-06-15";

    /// <summary>The same client with a new user's credentials.</summary>
    public async Task<QueryClient> NewUserAsync(string name, params string[] policies)
    {
        await AnswerAsync("CreateUser", ("UserName", name));
        for (var i = 0; i < policies.Length; i++)
        {
            await AnswerAsync("PutUserPolicy", ("UserName", name), ("PolicyName", $"policy-{i}"), ("PolicyDocument", policies[i]));
        }
        return await NewKeyAsync(name);
    }

    /// <summary>The same client with a new access key of a user.</summary>
    public async Task<QueryClient> NewKeyAsync(string userName)
    {
        var made = await AnswerAsync("CreateAccessKey", ("UserName", userName));
        return this with { AccessKeyId = made["AccessKeyId"]!, Secret = made["SecretAccessKey"]! };
    }

    /// <summary>Calls and expects success.</summary>
    public async Task<QueryResult> AnswerAsync(string action, params (string Name, string Value)[] parameters)
    {
        var result = await CallAsync(action, parameters);
        Assert.True(result.Status == 200, result.Text);
        Assert.Equal(action + "Response", result.Document.Name.LocalName);
        Assert.Equal("request-1", result.Document.Element("ResponseMetadata")!.Element("RequestId")!.Value);
        return result;
    }

    public Task<QueryResult> CallAsync(string action, params (string Name, string Value)[] parameters) =>
        SendAsync(string.Join('&', parameters.Prepend(("Version", Version)).Prepend(("Action", action)).Select(pair => $"{Uri.EscapeDataString(pair.Item1)}={Uri.EscapeDataString(pair.Item2)}")));

    /// <summary>Calls with what is written as <c>Action Name=Value Name=Value</c>.</summary>
    public Task<QueryResult> CallLineAsync(string line)
    {
        var parts = line.Split(' ');
        return CallAsync(parts[0], [.. parts[1..].Select(part => part.Split('=', 2)).Select(pair => (pair[0], pair[1]))]);
    }

    public Task<QueryResult> SendAsync(string form, bool signs = true)
    {
        var request = new TestRequest("POST", "/") { Body = Encoding.UTF8.GetBytes(form) };
        request.Headers.ContentType = "application/x-www-form-urlencoded; charset=utf-8";
        if (signs) Signer.Sign(request, SigningClient.Hash(request.Body));
        return SendAsync(request);
    }

    /// <summary>A presigned URL.</summary>
    public Task<QueryResult> GetAsync(string query)
    {
        var request = new TestRequest("GET", "/") { RawQuery = query };
        Signer.Presign(request, payloadHash: SigV4.EmptyHash);
        return SendAsync(request);
    }

    /// <summary>Authenticates a signed request and does nothing else.</summary>
    public async Task<SignedRequest> AuthenticateAsync()
    {
        var request = new TestRequest("POST", "/");
        Signer.Sign(request, SigV4.EmptyHash);
        return await Instance.GetRequiredService<RequestAuthenticator>().AuthenticateAsync(request.ToContext(), "request-1", default);
    }

    /// <summary>Whether the credentials sign as that ARN.</summary>
    public async Task<string?> SignsAsAsync()
    {
        try
        {
            return (await AuthenticateAsync()).Caller.Principal.Arn;
        }
        catch (AccessException refused) when (refused.Error.Code == "InvalidAccessKeyId")
        {
            return null;
        }
    }

    private SigningClient Signer => new() { AccessKeyId = AccessKeyId, Secret = Secret, Service = Service, Region = Region, Now = World.Time.GetUtcNow() };

    private async Task<QueryResult> SendAsync(TestRequest request)
    {
        var context = request.ToContext();
        var answer = new MemoryStream();
        context.Response.Body = answer;
        var signed = await Instance.GetRequiredService<RequestAuthenticator>().AuthenticateAsync(context, "request-1", default);
        await (Service == "sts"
            ? Instance.GetRequiredService<StsEndpoint>().HandleAsync(context, signed, default)
            : Instance.GetRequiredService<IamEndpoint>().HandleAsync(context, signed, default));
        Assert.Equal(("text/xml", "request-1", answer.Length), (context.Response.ContentType, context.Response.Headers["x-amzn-RequestId"].ToString(), context.Response.ContentLength));
        var text = Encoding.UTF8.GetString(answer.ToArray());
        var document = XElement.Parse(text);
        var ns = document.Name.NamespaceName;
        Assert.All(document.DescendantsAndSelf(), element => Assert.Equal(ns, element.Name.NamespaceName));
        foreach (var element in document.DescendantsAndSelf()) element.Name = element.Name.LocalName;
        foreach (var attribute in document.Attributes().ToList()) attribute.Remove();
        if (context.Response.StatusCode >= 400)
        {
            Assert.Equal(["Error", "RequestId"], document.Elements().Select(element => element.Name.LocalName));
            Assert.Equal(["Type", "Code", "Message"], document.Element("Error")!.Elements().Select(element => element.Name.LocalName));
            Assert.NotEmpty(document.Element("Error")!.Element("Message")!.Value);
            Assert.Equal("request-1", document.Element("RequestId")!.Value);
        }
        return new(context.Response.StatusCode, ns, document, text);
    }
}
