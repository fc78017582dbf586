using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Encryption;
using Serverless.Objects.Api;

namespace Serverless.Objects.Sse;

/// <summary>The encryption that a writing request asks for.</summary>
/// <param name="Mode">The mode asked for; null leaves it to the bucket's default.</param>
/// <param name="KmsKeyId">The KMS key as the client named it, or null for the managed key.</param>
/// <param name="Context">The client's own encryption context; empty when there is none.</param>
/// <param name="BucketKey">Whether a bucket key is asked for; null leaves it to the bucket's default.</param>
/// <param name="CustomerKey">The client's key, with <see cref="EncryptionMode.Customer"/> only.</param>
public sealed record RequestedEncryption(
    EncryptionMode? Mode, string? KmsKeyId, EncryptionContext Context, bool? BucketKey, CustomerKey? CustomerKey) : IDisposable
{
    /// <summary>Whether the request says anything of the encryption.</summary>
    public bool IsNamed => Mode is not null || BucketKey is not null;

    /// <summary>Reads and judges the encryption headers of a write; see S3's API page of PutObject.</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="secureTransport">Whether the client's connection is TLS.</param>
    /// <exception cref="S3Exception">One of <see cref="SseErrors"/>.</exception>
    public static RequestedEncryption Read(IHeaderDictionary headers, bool secureTransport)
    {
        var method = Single(headers, SseHeaders.Algorithm);
        var customerKey = CustomerKey.ReadForWriting(headers, secureTransport, method);
        if (customerKey is not null) return new(EncryptionMode.Customer, null, EncryptionContext.Empty, null, customerKey);

        var mode = method is null ? default(EncryptionMode?) : SseHeaders.ModeOf(method) ?? throw new S3Exception(SseErrors.UnknownMethod(method));
        var keyId = Single(headers, SseHeaders.KmsKeyId);
        var context = Single(headers, SseHeaders.Context);
        if (mode is null or EncryptionMode.S3 && (keyId ?? context) is not null) throw new S3Exception(SseErrors.KmsNeeded);
        return new(mode, keyId is "" ? null : keyId, ReadContext(context), ReadFlag(Single(headers, SseHeaders.BucketKeyEnabled)), null);
    }

    /// <summary>Reads the encryption headers of a read, which may name a customer's key and nothing else.</summary>
    /// <exception cref="S3Exception">One of <see cref="SseErrors"/>.</exception>
    public static CustomerKey? ReadForReading(IHeaderDictionary headers, bool secureTransport)
    {
        foreach (var header in (ReadOnlySpan<string>)[SseHeaders.Algorithm, SseHeaders.KmsKeyId])
        {
            if (headers.ContainsKey(header)) throw new S3Exception(SseErrors.NotOnReads(header));
        }
        return CustomerKey.ReadForReading(headers, secureTransport);
    }

    public void Dispose() => CustomerKey?.Dispose();

    private static EncryptionContext ReadContext(string? header)
    {
        if (header is null) return EncryptionContext.Empty;
        try
        {
            var pairs = JsonSerializer.Deserialize(Convert.FromBase64String(header), SseJson.Default.DictionaryStringString);
            if (pairs is null || pairs.ContainsValue(null!)) throw new S3Exception(SseErrors.MalformedContext);
            return EncryptionContext.Of(pairs);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw new S3Exception(SseErrors.MalformedContext);
        }
    }

    private static bool? ReadFlag(string? header) => header?.ToUpperInvariant() switch
    {
        null => null,
        "TRUE" => true,
        "FALSE" => false,
        _ => throw new S3Exception(SseErrors.InvalidBucketKeyEnabled(header)),
    };

    private static string? Single(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var value) ? value.ToString() : null;
}
