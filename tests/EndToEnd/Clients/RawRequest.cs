using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Clients;

/// <summary>A request in every detail, also in those that no SDK would get wrong. By default it is a correctly signed one for S3.</summary>
/// <param name="Path">Percent-encoded, sent as it is.</param>
internal sealed record RawRequest(string Method, string Path)
{
    public IReadOnlyList<(string Name, string Value)> Query { get; init; } = [];

    /// <summary>Signed headers; names are sent as given.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Headers that are sent and not signed.</summary>
    public IReadOnlyList<(string Name, string Value)> UnsignedHeaders { get; init; } = [];

    public byte[] Body { get; init; } = [];

    /// <summary>Makes the body from the signer and the request's signature, for bodies whose parts are signed; wins over <see cref="Body"/>.</summary>
    public Func<SigV4, string, byte[]>? SignedBody { get; init; }

    /// <summary>The value of x-amz-content-sha256; null for the body's true hash.</summary>
    public string? ContentSha256 { get; init; }

    /// <summary>Lets the connection carry less than Content-Length announces, by this many bytes.</summary>
    public int Withheld { get; init; }

    public bool ExpectContinue { get; init; }

    /// <summary>The Host header; null for the endpoint's own.</summary>
    public string? Host { get; init; }

    public bool Anonymous { get; init; }

    /// <summary>Signs in the query, valid for that many seconds; null signs in the Authorization header.</summary>
    public int? PresignedSeconds { get; init; }

    /// <summary>What a presigned request covers of its body; S3's cover nothing.</summary>
    public string PresignedHash { get; init; } = "UNSIGNED-PAYLOAD";

    /// <summary>Changes the address after it was signed.</summary>
    public Func<string, string>? Tamper { get; init; }

    public SigV4 Signer { get; init; } = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, TestAccount.Region, "s3", DateTimeOffset.UtcNow);

    public static RawRequest Put(string bucket, string key, byte[] body, params (string Name, string Value)[] headers) =>
        new("PUT", ObjectPath(bucket, key)) { Body = body, Headers = headers };

    public static RawRequest Get(string bucket, string key, params (string Name, string Value)[] headers) => new("GET", ObjectPath(bucket, key)) { Headers = headers };

    public static RawRequest Head(string bucket, string key, params (string Name, string Value)[] headers) => new("HEAD", ObjectPath(bucket, key)) { Headers = headers };

    public static RawRequest Delete(string bucket, string key, params (string Name, string Value)[] headers) => new("DELETE", ObjectPath(bucket, key)) { Headers = headers };

    public static RawRequest Copy(string sourceBucket, string sourceKey, string bucket, string key, params (string Name, string Value)[] headers) =>
        new("PUT", ObjectPath(bucket, key)) { Headers = [("x-amz-copy-source", $"{sourceBucket}/{SigV4.Encode(sourceKey, keepSlash: true)}"), .. headers] };

    public static string ObjectPath(string bucket, string key) => $"/{bucket}/{SigV4.Encode(key, keepSlash: true)}";
}
