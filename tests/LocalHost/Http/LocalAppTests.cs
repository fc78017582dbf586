using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Storage.Queues;

namespace Serverless.LocalHost.Tests.Http;

public sealed class LocalAppTests(LocalAppFixture app) : IClassFixture<LocalAppFixture>
{
    [Theory]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/bucket//a///b/")]
    [InlineData("/bucket/%2F")]
    [InlineData("/bucket/%252F")]
    [InlineData("/bucket/a/../b")]
    [InlineData("/bucket/./a/..")]
    [InlineData("/../../etc")]
    [InlineData("/bucket/%41%2e%2E?list-type=2&prefix=%2F&")]
    [InlineData("/bucket/a+b%20c?x=%")]
    [InlineData("/bucket/%E2%82%AC/%F0%9F%94%91")]
    [InlineData("/administrator/host")]
    [InlineData("/bucket/admin/host/x")]
    public async Task A_raw_target_reaches_the_function_untouched(string target)
    {
        var answer = await SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\n{target}\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/admin/host")]
    [InlineData("/admin/host/status")]
    [InlineData("/ADMIN/Functions?x")]
    [InlineData("/runtime/webhooks/blobs")]
    public async Task What_the_Functions_host_keeps_for_itself_answers_404(string path)
    {
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri(app.Http, path))).StatusCode);
        Assert.DoesNotContain(app.Journal.Entries, entry => entry.EndsWith(path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_verb_without_a_function_answers_405_with_those_that_have_one()
    {
        using var client = new HttpClient();
        using var answer = await client.DeleteAsync(new Uri(app.Http, "/bucket"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "PUT"], answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task A_body_larger_than_Kestrels_own_limit_arrives_whole_and_an_action_result_is_carried_out()
    {
        using var client = new HttpClient();
        using var body = new ByteArrayContent(new byte[40_000_000]);
        using var answer = await client.PutAsync(new Uri(app.Http, "/bucket/key"), body);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("40000000", answer.Headers.GetValues("x-length").Single());
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task An_answer_streams_while_the_function_runs()
    {
        using var client = new HttpClient();
        await using var stream = await client.GetStreamAsync(new Uri(app.Http, "/slow"));
        var buffer = new byte[100];

        Assert.Equal("begun ", Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer)));
        Assert.Equal("/slow", Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer)));
    }

    [Fact]
    public async Task A_function_that_fails_answers_500_without_saying_why()
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(app.Http, "/fail"));

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_function_that_fails_in_the_middle_of_its_answer_breaks_the_connection()
    {
        using var client = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri(app.Http, "/break")));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task Https_is_served_to_a_client_that_trusts_nothing_but_the_authority_file(string host)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(app.AuthorityFile);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } });

        Assert.Equal("/secret", await client.GetStringAsync(new UriBuilder(app.Https) { Host = host, Path = "/secret" }.Uri));
    }

    [Fact]
    public async Task Timers_and_queue_functions_of_the_app_run()
    {
        var queue = new QueueClient(app.ConnectionString, "work", new QueueClientOptions(QueueClientOptions.ServiceVersion.V2026_06_06) { MessageEncoding = QueueMessageEncoding.Base64 });
        await queue.CreateIfNotExistsAsync();
        await queue.SendMessageAsync("hello");

        await Until.True(() => app.Journal.Entries.Contains("message hello, try 1"), "the message");
        await Until.True(() => app.Journal.Entries.Contains("tick, past due: False"), "the timer");
    }

    private async Task<string> SendAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, app.Http.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync();
    }
}
