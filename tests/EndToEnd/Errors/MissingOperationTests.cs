using System.Net;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Errors;

/// <summary>The operations of S3 that there are not are refused, and never taken for others.</summary>
[Collection(BrowserCollection.Name)]
public sealed class MissingOperationTests(BrowserFixture service)
{
    /// <summary>Verbs and subresource of a bucket, or with a slash before it of an object, of every operation that is left out on purpose.</summary>
    private const string Operations = """
        GET,PUT,DELETE website
        GET,PUT,DELETE replication
        GET,PUT,DELETE inventory
        GET,PUT,DELETE inventory&id=1
        GET,PUT,DELETE analytics&id=1
        GET,PUT,DELETE metrics&id=1
        GET,PUT,DELETE intelligent-tiering&id=1
        GET,PUT accelerate
        GET,PUT logging
        GET,PUT notification
        PUT requestPayment
        GET,PUT object-lock
        GET session
        GET,PUT abac
        GET,POST,DELETE metadataTable
        GET,POST,DELETE metadataConfiguration
        PUT metadataInventoryTable
        PUT metadataJournalTable
        GET,PUT /retention
        GET,PUT /legal-hold
        GET /torrent
        POST /restore
        POST /select&select-type=2
        PUT /renameObject
        """;

    public static TheoryData<string, string> Each()
    {
        var each = new TheoryData<string, string>();
        foreach (var line in Operations.Split('\n'))
            foreach (var verb in line.Split(' ')[0].Split(',')) each.Add(verb, line.Split(' ')[1]);
        return each;
    }

    [Theory]
    [MemberData(nameof(Each))]
    public async Task It_is_not_implemented_and_changes_nothing(string verb, string subresource)
    {
        var bucket = await service.NewBucketAsync();
        (await service.Http.SendAsync(RawRequest.Put(bucket, "object", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        var query = subresource.TrimStart('/').Split('&').Select(parameter => parameter.Split('=')).Select(pair => (pair[0], pair.ElementAtOrDefault(1) ?? ""));
        var request = new RawRequest(verb, $"/{bucket}{(subresource[0] == '/' ? "/object" : "")}") { Query = [.. query], Body = verb is "PUT" or "POST" ? "<a/>"u8.ToArray() : [] };
        foreach (var each in new[] { request, request with { PresignedSeconds = 60 } })
        {
            var answer = (await service.Http.SendAsync(each)).MustBeError(501, "NotImplemented");
            Assert.False(string.IsNullOrEmpty(answer.ErrorField("Message")));
            Assert.NotNull(answer["x-amz-request-id"]);
        }
        (await service.Http.SendAsync(request with { Anonymous = true })).MustBeError(403, "AccessDenied");
        Assert.Equal("body", (await service.Http.SendAsync(RawRequest.Get(bucket, "object"))).MustBe(HttpStatusCode.OK).Text);
    }

    /// <summary>What is for directory buckets, and for Object Lambda, is signed for other services.</summary>
    [Theory]
    [InlineData("s3express", "GET", "/")]
    [InlineData("s3-object-lambda", "POST", "/WriteGetObjectResponse")]
    public async Task What_is_signed_for_another_service_is_refused(string name, string verb, string path)
    {
        var request = new RawRequest(verb, path);
        (await service.Http.SendAsync(request with { Signer = request.Signer with { Service = name } }))
            .MustBeError(400, "AuthorizationHeaderMalformed", $"The authorization header is malformed; incorrect service \"{name}\". This endpoint belongs to \"s3\".");
    }
}
