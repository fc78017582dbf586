using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Serverless.Encryption;
using Serverless.Objects.Api;

namespace Serverless.Objects.Sse;

/// <summary>The key that a client sends with an SSE-C request. It lives as long as the request and is stored nowhere.</summary>
public sealed class CustomerKey : IDisposable
{
    /// <summary>The longest accepted key header: far more than 32 bytes in base64, far less than a burden.</summary>
    private const int MaxEncodedSize = 1024;

    private static readonly HeaderNames Own = new(SseHeaders.CustomerAlgorithm, SseHeaders.CustomerKey, SseHeaders.CustomerKeyMd5);

    private static readonly HeaderNames CopySource =
        new(SseHeaders.CopySourceCustomerAlgorithm, SseHeaders.CopySourceCustomerKey, SseHeaders.CopySourceCustomerKeyMd5);

    private CustomerKey(SecretKey? key, string md5) => (Key, Md5) = (key, md5);

    /// <summary>The 256-bit key; null when the request's key has another size, which a write refuses and which opens nothing on a read.</summary>
    public SecretKey? Key { get; }

    /// <summary>The key's MD5 in base64, as the request proved it and the answer repeats it.</summary>
    public string Md5 { get; }

    /// <summary>The key that a write stores its object under; null without its headers. <paramref name="otherMethod"/> is another method that the write asks for, or null.</summary>
    /// <exception cref="S3Exception">One of <see cref="SseErrors"/>.</exception>
    public static CustomerKey? ReadForWriting(IHeaderDictionary headers, bool secureTransport, string? otherMethod) =>
        Read(headers, Own, secureTransport, otherMethod, forWriting: true);

    /// <summary>The key that an object to be read was stored under; null without its headers.</summary>
    /// <exception cref="S3Exception">One of <see cref="SseErrors"/>.</exception>
    public static CustomerKey? ReadForReading(IHeaderDictionary headers, bool secureTransport) =>
        Read(headers, Own, secureTransport, otherMethod: null, forWriting: false);

    /// <summary>The key that a copy's source was stored under; null without its headers.</summary>
    /// <exception cref="S3Exception">One of <see cref="SseErrors"/>.</exception>
    public static CustomerKey? ReadForCopySource(IHeaderDictionary headers, bool secureTransport) =>
        Read(headers, CopySource, secureTransport, otherMethod: null, forWriting: false);

    public void Dispose() => Key?.Dispose();

    /// <summary>Reads the three headers; null when there is none of them. Checks are in S3's order: transport, other methods, algorithm, key, MD5, size.</summary>
    private static CustomerKey? Read(IHeaderDictionary headers, HeaderNames names, bool secureTransport, string? otherMethod, bool forWriting)
    {
        var algorithm = headers[names.Algorithm];
        var encodedKey = headers[names.Key];
        var encodedMd5 = headers[names.KeyMd5];
        if (algorithm.Count + encodedKey.Count + encodedMd5.Count == 0) return null;

        if (!secureTransport) throw new S3Exception(SseErrors.InsecureTransport);
        if (otherMethod is not null) throw new S3Exception(SseErrors.CombinedWith(otherMethod));
        if (string.IsNullOrEmpty(algorithm)) throw new S3Exception(SseErrors.NoAlgorithm);
        if (algorithm != SseHeaders.Aes256) throw new S3Exception(SseErrors.WrongAlgorithm(algorithm.ToString()));
        if (string.IsNullOrEmpty(encodedKey)) throw new S3Exception(SseErrors.NoKey);
        if (string.IsNullOrEmpty(encodedMd5)) throw new S3Exception(SseErrors.NoKeyMd5);
        return Decode(encodedKey.ToString(), encodedMd5.ToString(), forWriting);
    }

    private static CustomerKey Decode(string encodedKey, string encodedMd5, bool forWriting)
    {
        Span<byte> key = stackalloc byte[MaxEncodedSize];
        try
        {
            if (encodedKey.Length > MaxEncodedSize || !Convert.TryFromBase64String(encodedKey, key, out var size))
                throw new S3Exception(SseErrors.WrongKeySize);

            Span<byte> md5 = stackalloc byte[MD5.HashSizeInBytes];
            Span<char> computed = stackalloc char[24];
            MD5.HashData(key[..size], md5);
            Convert.TryToBase64Chars(md5, computed, out _);
            if (!computed.SequenceEqual(encodedMd5)) throw new S3Exception(SseErrors.WrongKeyMd5);

            if (size == SecretKey.Size) return new CustomerKey(SecretKey.Copy(key[..size]), encodedMd5);
            return forWriting ? throw new S3Exception(SseErrors.WrongKeySize) : new CustomerKey(null, encodedMd5);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private readonly record struct HeaderNames(string Algorithm, string Key, string KeyMd5);
}
