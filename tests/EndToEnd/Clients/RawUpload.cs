using System.Net;
using System.Text;
using System.Xml.Linq;

namespace Serverless.EndToEnd.Clients;

/// <summary>A multipart upload, request by request.</summary>
internal sealed class RawUpload
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly RawClient _client;
    private readonly (string Name, string Value)[] _partHeaders;

    private RawUpload(RawClient client, string bucket, string key, RawAnswer begun, (string, string)[] partHeaders) =>
        (_client, Bucket, Key, Begun, _partHeaders, Id) = (client, bucket, key, begun, partHeaders, Field(begun, "UploadId"));

    public string Bucket { get; }

    public string Key { get; }

    public string Id { get; }

    /// <summary>The answer to CreateMultipartUpload.</summary>
    public RawAnswer Begun { get; }

    /// <param name="partHeaders">The headers that every part carries.</param>
    public static async Task<RawUpload> BeginAsync(
        RawClient client, string bucket, string key, (string Name, string Value)[]? headers = null, (string Name, string Value)[]? partHeaders = null) =>
        new(client, bucket, key, (await client.SendAsync(Create(bucket, key, headers ?? []))).MustBe(HttpStatusCode.OK), partHeaders ?? []);

    /// <summary>The upload that an answer to CreateMultipartUpload tells of.</summary>
    public static RawUpload Of(RawClient client, string bucket, string key, RawAnswer begun) => new(client, bucket, key, begun.MustBe(HttpStatusCode.OK), []);

    public static RawRequest Create(string bucket, string key, params (string Name, string Value)[] headers) =>
        new("POST", RawRequest.ObjectPath(bucket, key)) { Query = [("uploads", "")], Headers = headers };

    public static RawRequest ListUploads(string bucket, params (string Name, string Value)[] query) => new("GET", $"/{bucket}") { Query = [("uploads", ""), .. query] };

    /// <summary>The text of an element of an answer's document, wherever it is.</summary>
    public static string Field(RawAnswer answer, string name) => XElement.Parse(answer.Text).Descendants(S3 + name).First().Value;

    public static IReadOnlyList<string> Fields(RawAnswer answer, string parent, string name) =>
        [.. XElement.Parse(answer.Text).Descendants(S3 + parent).Select(element => element.Element(S3 + name)!.Value)];

    public static bool Has(RawAnswer answer, string name) => XElement.Parse(answer.Text).Descendants(S3 + name).Any();

    public RawRequest Part(int number, byte[] body, params (string Name, string Value)[] headers) =>
        Request("PUT", ("partNumber", $"{number}")) with { Body = body, Headers = [.. _partHeaders, .. headers], ContentSha256 = "UNSIGNED-PAYLOAD" };

    public Task<RawAnswer> PutAsync(int number, byte[] body, params (string Name, string Value)[] headers) => _client.SendAsync(Part(number, body, headers));

    /// <summary>A part that must be taken.</summary>
    public async Task<(int Number, string ETag)> PutPartAsync(int number, byte[] body, params (string Name, string Value)[] headers) =>
        (number, (await PutAsync(number, body, headers)).MustBe(HttpStatusCode.OK)["etag"]!);

    public RawRequest Copy(int number, string source, params (string Name, string Value)[] headers) =>
        Request("PUT", ("partNumber", $"{number}")) with { Headers = [.. _partHeaders, ("x-amz-copy-source", source), .. headers] };

    public Task<RawAnswer> CopyAsync(int number, string source, params (string Name, string Value)[] headers) => _client.SendAsync(Copy(number, source, headers));

    public RawRequest Completion(IEnumerable<(int Number, string ETag)> parts, params (string Name, string Value)[] headers) => Completion(
        "<CompleteMultipartUpload>" + string.Concat(parts.Select(part => $"<Part><PartNumber>{part.Number}</PartNumber><ETag>{part.ETag}</ETag></Part>")) + "</CompleteMultipartUpload>",
        headers);

    public RawRequest Completion(string document, params (string Name, string Value)[] headers) =>
        Request("POST") with { Body = Encoding.UTF8.GetBytes(document), Headers = headers };

    public Task<RawAnswer> CompleteAsync(IEnumerable<(int Number, string ETag)> parts, params (string Name, string Value)[] headers) =>
        _client.SendAsync(Completion(parts, headers));

    public Task<RawAnswer> CompleteAsync(string document, params (string Name, string Value)[] headers) => _client.SendAsync(Completion(document, headers));

    public Task<RawAnswer> AbortAsync() => _client.SendAsync(Request("DELETE"));

    public RawRequest PartsList(params (string Name, string Value)[] query) => Request("GET", query);

    public Task<RawAnswer> ListPartsAsync(params (string Name, string Value)[] query) => _client.SendAsync(PartsList(query));

    private RawRequest Request(string method, params (string Name, string Value)[] query) =>
        new(method, RawRequest.ObjectPath(Bucket, Key)) { Query = [.. query, ("uploadId", Id)] };
}
