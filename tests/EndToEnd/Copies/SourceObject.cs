using System.Net;
using System.Security.Cryptography;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.RoundTrips;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Copies;

/// <summary>An object of one of the three kinds in which data are stored, in one mode, with metadata and a SHA-256.</summary>
internal sealed record SourceObject(string Bucket, byte[] Body)
{
    public const string Key = "a source/é";

    /// <summary>Stored with its description, in one data blob, or in a blob for each part.</summary>
    public static string[] Kinds { get; } = ["small", "staged", "parts"];

    /// <summary>The first part of an object of <c>parts</c>.</summary>
    public const int FirstPart = 5 * TestData.Mebibyte;

    public const string ContentType = "text/x-awkward; charset=\"utf-8\"";

    private static readonly (string Name, string Value)[] Metadata = [("Content-Type", ContentType), ("x-amz-meta-colour", "blue")];

    public string Sha256 => Convert.ToBase64String(SHA256.HashData(Body));

    public string Md5 => Convert.ToHexStringLower(MD5.HashData(Body));

    public static async Task<SourceObject> MakeAsync(ServiceFixture service, string bucket, string kind, RequestedMode mode)
    {
        var body = TestData.Bytes(kind switch { "small" => 100_003, "staged" => 8 * TestData.Mebibyte + 1, _ => FirstPart + 70_001 }, seed: 7);
        var source = new SourceObject(bucket, body);
        if (kind is not "parts")
        {
            (await service.Https.SendAsync(RawRequest.Put(bucket, Key, body, [.. mode.Headers, .. Metadata, ("x-amz-checksum-sha256", source.Sha256)]))).MustBe(HttpStatusCode.OK);
            return source;
        }
        var upload = await RawUpload.BeginAsync(service.Https, bucket, Key, [.. mode.Headers, .. Metadata, ("x-amz-checksum-algorithm", "SHA256")], mode.KeyHeaders);
        var parts = new[] { body[..FirstPart], body[FirstPart..] };
        var document = "";
        for (var number = 1; number <= parts.Length; number++)
        {
            var checksum = Convert.ToBase64String(SHA256.HashData(parts[number - 1]));
            var (_, etag) = await upload.PutPartAsync(number, parts[number - 1], ("x-amz-checksum-sha256", checksum));
            document += $"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag><ChecksumSHA256>{checksum}</ChecksumSHA256></Part>";
        }
        (await upload.CompleteAsync($"<CompleteMultipartUpload>{document}</CompleteMultipartUpload>", mode.KeyHeaders)).MustBe(HttpStatusCode.OK);
        return source;
    }
}
