using System.Net;
using System.Text;
using System.Xml.Linq;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Clients;

/// <summary>IAM and STS, as their clients call them, for one principal: at first the account's root.</summary>
internal sealed record QueryApi(RawClient Client)
{
    public string AccessKeyId { get; init; } = TestAccount.AccessKeyId;

    public string SecretAccessKey { get; init; } = TestAccount.SecretAccessKey;

    /// <summary>A signer for the principal's requests to a service.</summary>
    public SigV4 Signer(string service) => new(AccessKeyId, SecretAccessKey, TestAccount.Region, service, DateTimeOffset.UtcNow);

    /// <summary>A new user, acting.</summary>
    public async Task<QueryApi> NewUserAsync(params string[] policies)
    {
        var name = $"user-{Guid.NewGuid():N}";
        await AnswerAsync("CreateUser", ("UserName", name));
        for (var i = 0; i < policies.Length; i++)
            await AnswerAsync("PutUserPolicy", ("UserName", name), ("PolicyName", $"policy-{i}"), ("PolicyDocument", policies[i]));
        var key = await AnswerAsync("CreateAccessKey", ("UserName", name));
        return this with { AccessKeyId = Value(key, "AccessKeyId"), SecretAccessKey = Value(key, "SecretAccessKey") };
    }

    /// <summary>Who the service takes the principal for; null where it does not know the access key.</summary>
    public async Task<string?> CallerAsync()
    {
        var answer = await CallAsync("GetCallerIdentity");
        if (answer.Status == HttpStatusCode.OK) return Value(XElement.Parse(answer.Text), "Arn");
        Assert.Equal((HttpStatusCode.Forbidden, "InvalidClientTokenId"), (answer.Status, Value(XElement.Parse(answer.Text), "Code")));
        return null;
    }

    /// <summary>Calls IAM and expects success.</summary>
    public async Task<XElement> AnswerAsync(string action, params (string Name, string Value)[] parameters) =>
        XElement.Parse((await CallAsync(action, parameters)).MustBe(HttpStatusCode.OK).Text);

    public Task<RawAnswer> CallAsync(string action, params (string Name, string Value)[] parameters)
    {
        var isSts = action == "GetCallerIdentity";
        return Client.SendAsync(Form(SigV4.EncodeQuery([("Action", action), ("Version", isSts ? "2011-06-15" : "2010-05-08"), .. parameters])) with { Signer = Signer(isSts ? "sts" : "iam") });
    }

    /// <summary>A request that posts a form; by default signed for IAM by the account's root.</summary>
    public static RawRequest Form(string form) => new("POST", "/")
    {
        Headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
        Body = Encoding.UTF8.GetBytes(form),
        Signer = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, TestAccount.Region, "iam", DateTimeOffset.UtcNow),
    };

    /// <summary>The text of the one element of that name.</summary>
    public static string Value(XElement document, string name) => document.Descendants().Single(element => element.Name.LocalName == name).Value;
}
