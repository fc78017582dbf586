using System.Text;
using CsCheck;
using Serverless.Access;
using Serverless.Access.Tests;
using Serverless.Objects.Api;
using Serverless.Objects.Browser;

namespace Serverless.Objects.Tests.Browser;

public class PostFormTests
{
    private const string Boundary = "WebKit";

    private static readonly Gen<string> Names = Gen.String[Gen.Char["abcdefgh-_ü."], 1, 8].Where(name => !name.Equals("file", StringComparison.OrdinalIgnoreCase));

    /// <summary>Texts that look like the end of a part, or nearly.</summary>
    private static readonly Gen<string> Values = Gen.OneOf(
        Gen.String[0, 20].Where(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text),
        Gen.Int[0, 5].Select(i => ((string[])["", "\r\n", "\r\n--", $"\r\n-{Boundary}", $"--{Boundary}", "\r\n--WebKi"])[i]));

    private static readonly Gen<byte[]> Files = Gen.OneOf(Gen.Byte.Array[0, 300], Gen.Byte.Array[60_000, 70_000], Values.Select(Encoding.UTF8.GetBytes));

    [Fact]
    public async Task A_form_is_read_as_it_was_written_in_whatever_pieces_it_comes() =>
        await Gen.Select(Gen.Select(Names, Values).Array[0, 8], Files, Gen.Int[1, 5000].Array[0, 4], Gen.Bool).SampleAsync(async (fields, file, pieces, more) =>
        {
            var body = Write(fields, "photo.jpg", file, more ? [("submit", "Upload")] : []);
            using var payload = await PayloadOfAsync(body, pieces);
            using var form = await PostForm.ReadAsync($"multipart/form-data; boundary={Boundary}", payload, default);
            foreach (var group in fields.GroupBy(field => field.Item1, StringComparer.OrdinalIgnoreCase))
                Assert.Equal(string.Join(',', group.Select(field => field.Item2)), form.Fields.Find(group.Key.ToUpperInvariant()));
            Assert.Equal(fields.Select(field => field.Item1).Distinct(StringComparer.OrdinalIgnoreCase).Count(), form.Fields.Count());
            Assert.InRange(file.Length, 0, form.File.MostLength);
            // Without fields behind the file, its length is known beforehand, but for some white space at most.
            if (!more) Assert.InRange(form.File.MostLength - file.Length, 0, 64 * (fields.Length + 1));
            Assert.Equal(file, await ReadAsync(form.File));
        }, iter: 300);

    [Fact]
    public async Task Any_body_is_a_form_or_is_refused() =>
        await Gen.Select(Gen.Select(Names, Values).Array[0, 4], Files, Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 30], Values).Array[1, 4]).SampleAsync(async (fields, file, changes) =>
        {
            var text = Encoding.Latin1.GetString(Write(fields, "photo.jpg", file, []));
            foreach (var (at, removed, inserted) in changes)
            {
                var start = at % (text.Length + 1);
                text = text[..start] + inserted + text[Math.Min(text.Length, start + removed)..];
            }
            await TryAsync($"multipart/form-data; boundary={Boundary}", Encoding.Latin1.GetBytes(text));
        }, iter: 2000);

    [Fact]
    public async Task Any_content_type_is_a_forms_or_is_refused() =>
        await Gen.Select(Gen.String[0, 20], Gen.Bool, Gen.Bool).SampleAsync((text, isForm, hasBoundary) =>
            TryAsync($"{(isForm ? "multipart/form-data" : "")}{(hasBoundary ? "; boundary=" : "")}{text}", "--b--"u8.ToArray()), iter: 2000);

    [Theory]
    [InlineData("form-data; name=\"key\"", "key")]
    [InlineData("form-data; name=key", "key")]
    [InlineData("Form-Data; NAME=\"key\"", "key")]
    [InlineData("form-data; name=\"key\"; filename=\"key\"", "key")]
    public async Task A_field_is_known_by_its_name(string disposition, string name)
    {
        var body = $"preamble\r\n--b\r\nContent-Disposition: {disposition}\r\n\r\nvalue\r\n--b\r\nContent-Disposition: form-data; name=FILE\r\n\r\nfile\r\n--b--\r\nepilogue";
        using var payload = await PayloadOfAsync(Encoding.UTF8.GetBytes(body), []);
        using var form = await PostForm.ReadAsync("Multipart/Form-Data; charset=utf-8; boundary=\"b\"", payload, default);
        Assert.Equal("value", form.Fields.Find(name));
        Assert.Equal("file"u8.ToArray(), await ReadAsync(form.File));
    }

    [Fact]
    public async Task A_preamble_is_not_read_for_ever()
    {
        using var payload = await PayloadOfAsync(Encoding.UTF8.GetBytes(new string('p', 1 << 20) + "\r\n--b\r\nContent-Disposition: form-data; name=file\r\n\r\n\r\n--b--\r\n"), []);
        var refused = await Assert.ThrowsAsync<S3Exception>(async () => await PostForm.ReadAsync("multipart/form-data; boundary=b", payload, default));
        Assert.Equal("MalformedPOSTRequest", refused.Error.Code);
    }

    [Fact]
    public async Task A_value_that_is_no_UTF_8_is_refused()
    {
        byte[] body = [.. "--b\r\nContent-Disposition: form-data; name=key\r\n\r\n"u8, 0xC3, .. "\r\n--b\r\nContent-Disposition: form-data; name=file\r\n\r\n\r\n--b--\r\n"u8];
        using var payload = await PayloadOfAsync(body, []);
        Assert.Equal("MalformedPOSTRequest", (await Assert.ThrowsAsync<S3Exception>(async () => await PostForm.ReadAsync("multipart/form-data; boundary=b", payload, default))).Error.Code);
    }

    private static async Task TryAsync(string contentType, byte[] body)
    {
        using var payload = await PayloadOfAsync(body, []);
        try
        {
            using var form = await PostForm.ReadAsync(contentType, payload, default);
            var file = await ReadAsync(form.File);
            Assert.InRange(file.Length, 0, form.File.MostLength);
            FormHeaders.Of(form.Fields);
        }
        catch (Exception e) when (e is S3Exception or AccessException)
        {
            // Refused.
        }
    }

    private static async Task<Payload> PayloadOfAsync(byte[] body, int[] pieces)
    {
        var request = new TestRequest("POST", "/bucket") { Body = body, Pieces = pieces };
        request.Headers.ContentLength = body.Length;
        return (await request.AuthenticateAsync()).OpenPayload();
    }

    private static async Task<byte[]> ReadAsync(PostedFile file)
    {
        using var read = new MemoryStream();
        while (await file.ReadAsync(default) is { IsEmpty: false } piece) read.Write(piece.Span);
        return read.ToArray();
    }

    private static byte[] Write((string Name, string Value)[] fields, string fileName, byte[] file, (string Name, string Value)[] after)
    {
        using var body = new MemoryStream();
        foreach (var (name, value) in fields) WritePart(name, "", Encoding.UTF8.GetBytes(value));
        WritePart("file", $"; filename=\"{fileName}\"", file);
        foreach (var (name, value) in after) WritePart(name, "", Encoding.UTF8.GetBytes(value));
        body.Write(Encoding.UTF8.GetBytes($"--{Boundary}--\r\n"));
        return body.ToArray();

        void WritePart(string name, string parameters, byte[] value)
        {
            body.Write(Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{parameters}\r\n\r\n"));
            body.Write(value);
            body.Write("\r\n"u8);
        }
    }
}
