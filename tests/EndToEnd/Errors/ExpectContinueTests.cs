using System.Globalization;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Errors;

/// <summary>Clients that wait to be told to go on are told when the request may go through, and else have their answer at once; seen on the wire.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ExpectContinueTests(BrowserFixture service)
{
    private readonly Uri _endpoint = service.Http.Endpoint;

    [Fact]
    public async Task A_put_that_may_go_through_is_told_to_go_on()
    {
        using var connection = await SendHeadAsync(Put(await service.NewBucketAsync()), 4);
        Assert.StartsWith("HTTP/1.1 100 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        await connection.SendAsync("body");
        var answer = await connection.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_form_is_told_to_go_on()
    {
        var form = new BrowserForm(await service.NewBucketAsync());
        var request = form.ToRequest();
        using var connection = await SendHeadAsync(request, request.Body.Length);
        Assert.StartsWith("HTTP/1.1 100 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        await connection.SendAsync(request.Body);
        Assert.StartsWith("HTTP/1.1 204 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "no bucket", "404 NoSuchBucket" },
        { "no signature", "403 AccessDenied" },
        { "another signature", "403 SignatureDoesNotMatch" },
        { "another encryption", "400 InvalidArgument" },
        { "6 GiB", "400 EntityTooLarge" },
        { "no form", "412 PreconditionFailed" },
        { "no operation", "501 NotImplemented" },
        { "no method", "405 MethodNotAllowed" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_request_that_is_refused_has_its_answer_before_its_body_and_the_connection_is_to_end(string name, string expected)
    {
        var put = Put(await service.NewBucketAsync());
        var request = name switch
        {
            "no bucket" => put with { Path = "/no-such-bucket-here/object" },
            "no signature" => put with { Anonymous = true },
            "another signature" => put with { Signer = put.Signer with { SecretAccessKey = "another" } },
            "another encryption" => put with { Headers = [("x-amz-server-side-encryption", "ROT13")] },
            "no form" => put with { Method = "POST", Path = put.Path[..put.Path.LastIndexOf('/')], UnsignedHeaders = [("Content-Type", "text/plain")] },
            "no operation" => put with { Query = [("retention", "")] },
            "no method" => put with { Method = "POST" },
            _ => put,
        };
        using var connection = await SendHeadAsync(request, name == "6 GiB" ? 6L << 30 : 4);
        var head = await connection.ReadHeadAsync();
        Assert.StartsWith($"HTTP/1.1 {expected[..3]} ", head, StringComparison.Ordinal);
        Assert.Contains("Connection: close", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"<Code>{expected[4..]}</Code>", await connection.ReadBodyAsync(head), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_nothing_is_not_waited_for()
    {
        using var connection = await SendHeadAsync(Put(await service.NewBucketAsync()), 0);
        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task Who_does_not_wait_is_served_as_well_and_so_is_who_sends_byte_by_byte()
    {
        var put = Put(await service.NewBucketAsync());
        using var connection = await SendHeadAsync(put, 6);
        foreach (var value in "slowly"u8.ToArray())
        {
            await connection.SendAsync(new[] { value });
            await Task.Delay(20);
        }
        var head = await connection.ReadHeadAsync();
        if (head.StartsWith("HTTP/1.1 100 ", StringComparison.Ordinal)) head = await connection.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
        Assert.Equal("slowly", (await service.Http.SendAsync(put with { Method = "GET", ContentSha256 = null })).Text);
    }

    [Fact]
    public async Task A_body_that_says_no_length_is_refused()
    {
        using var message = service.Http.Write(Put(await service.NewBucketAsync()));
        message.Content = null;
        using var connection = await RawConnection.OpenAsync(_endpoint);
        await connection.SendAsync(RawConnection.HeadOf(message, _endpoint, ("Transfer-Encoding", "chunked"), ("Connection", "close")) + "4\r\nbody\r\n0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 411 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Contains("<Code>MissingContentLength</Code>", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static RawRequest Put(string bucket) => RawRequest.Put(bucket, "object", []) with { ContentSha256 = "UNSIGNED-PAYLOAD" };

    private async Task<RawConnection> SendHeadAsync(RawRequest request, long length)
    {
        using var message = service.Http.Write(request with { Body = [] });
        var type = message.Content?.Headers.NonValidated.TryGetValues("Content-Type", out var values) is true ? values.ToString() : null;
        message.Content = null;
        (string, string)[] others = [("Content-Length", length.ToString(CultureInfo.InvariantCulture)), ("Expect", "100-continue"), .. type is null ? Array.Empty<(string, string)>() : [("Content-Type", type)]];
        var connection = await RawConnection.OpenAsync(_endpoint);
        await connection.SendAsync(RawConnection.HeadOf(message, _endpoint, others));
        return connection;
    }
}
