using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tests;

public sealed class SlowAnswerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStream _body = new();
    private readonly DefaultHttpContext _http = new();
    private readonly TaskCompletionSource<string> _work = new();
    private readonly SlowAnswer _answer;

    public SlowAnswerTests()
    {
        _http.Response.Body = _body;
        _answer = new(_time);
    }

    [Fact]
    public async Task An_answer_that_is_soon_there_has_a_length_and_no_white_space()
    {
        var waiting = _answer.WaitAsync(_http, _work.Task);
        _time.Advance(TimeSpan.FromSeconds(9));
        _work.SetResult("done");
        await S3Xml.WriteAsync(_http.Response, new XElement("Result", await waiting), default);
        Assert.False(SlowAnswer.HasBegun(_http));
        Assert.Equal(_body.Length, _http.Response.ContentLength);
        Assert.Equal("<?xml version=\"1.0\" encoding=\"utf-8\"?><Result>done</Result>", Sent);
    }

    [Fact]
    public async Task A_slow_answer_begins_goes_on_with_white_space_and_is_one_document_in_the_end()
    {
        var waiting = _answer.WaitAsync(_http, _work.Task);
        await AdvanceAsync(4);
        Assert.Matches("^<\\?xml version=\"1.0\" encoding=\"UTF-8\"\\?>\n {3,}$", Sent);
        _work.SetResult("done");
        await S3Xml.WriteAsync(_http.Response, new XElement("Result", await waiting), default);
        Assert.Equal((200, "application/xml", null), (_http.Response.StatusCode, _http.Response.ContentType, _http.Response.ContentLength));
        Assert.Equal("done", XDocument.Parse(Sent).Root!.Value);
    }

    [Fact]
    public async Task What_goes_wrong_after_the_beginning_is_the_document()
    {
        var waiting = _answer.WaitAsync(_http, _work.Task);
        await AdvanceAsync(2);
        _work.SetException(new S3Exception(S3Errors.SlowDown));
        var failed = await Assert.ThrowsAsync<S3Exception>(() => waiting);
        await S3Xml.WriteErrorAsync(_http.Response, failed.Error, "/bucket/key", "id", "host");
        Assert.Equal(("Error", "SlowDown"), (XDocument.Parse(Sent).Root!.Name.LocalName, XDocument.Parse(Sent).Root!.Element("Code")!.Value));
    }

    [Fact]
    public async Task When_the_client_has_gone_the_work_is_waited_for_all_the_same()
    {
        using var gone = new CancellationTokenSource();
        _http.RequestAborted = gone.Token;
        var waiting = _answer.WaitAsync(_http, _work.Task);
        await gone.CancelAsync();
        await Task.Delay(50);
        Assert.False(waiting.IsCompleted);
        _work.SetResult("done");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private string Sent => Encoding.UTF8.GetString(_body.ToArray()).TrimStart('\uFEFF');

    public void Dispose() => _body.Dispose();

    /// <summary>Lets the silence end until something has been sent so many times, at least.</summary>
    private async Task AdvanceAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            for (var sent = _body.Length; _body.Length == sent; await Task.Delay(1)) _time.Advance(TimeSpan.FromSeconds(10));
        }
    }
}
