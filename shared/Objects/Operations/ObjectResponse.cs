using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>Writes an object's headers into an answer.</summary>
internal static class ObjectResponse
{
    /// <summary>ETag, encryption and checksum, as PutObject answers them.</summary>
    public static void WriteStored(HttpResponse response, ObjectDescription description, EffectiveEncryption encryption)
    {
        response.Headers.ETag = $"\"{description.ETag}\"";
        WriteApplied(response, encryption, description.KmsKeyArn);
        if (description.Checksum is { } checksum) WriteChecksum(response, checksum, checksum.Type);
    }

    /// <summary>The encryption of an object that is written, as PutObject and CopyObject answer it: unlike GetObject, they repeat the client's encryption context (API_PutObject.html).</summary>
    public static void WriteApplied(HttpResponse response, EffectiveEncryption encryption, string? kmsKeyArn)
    {
        WriteEncryption(response, encryption.Mode, kmsKeyArn, encryption.BucketKey, encryption.CustomerKey?.Md5);
        if (encryption.Context.Pairs is { Count: > 0 } context)
            response.Headers[SseHeaders.Context] = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(context.ToDictionary(), SseJson.Default.DictionaryStringString));
    }

    /// <summary>The encryption of an object that there is, without what only its writer may know.</summary>
    public static void WriteEncryption(HttpResponse response, ObjectDescription description, string? customerKeyMd5) =>
        WriteEncryption(response, description.Mode, description.KmsKeyArn, description.BucketKey, customerKeyMd5);

    /// <summary>Everything that GetObject and HeadObject answer beside the length and the range.</summary>
    public static void WriteDescription(HttpResponse response, ObjectDescription description, string? customerKeyMd5)
    {
        var headers = response.Headers;
        headers.ETag = $"\"{description.ETag}\"";
        headers.LastModified = HeaderUtilities.FormatDate(description.LastModified);
        headers.AcceptRanges = "bytes";
        foreach (var (name, value) in description.Headers) headers[name] = value;
        foreach (var (name, value) in description.UserMetadata) headers[ObjectMetadata.UserPrefix + name] = value;
        WriteEncryption(response, description.Mode, description.KmsKeyArn, description.BucketKey, customerKeyMd5);
    }

    /// <param name="type">The type of the object's checksum, also where this one is a part's.</param>
    public static void WriteChecksum(HttpResponse response, Checksum checksum, ChecksumType type)
    {
        response.Headers[checksum.Header] = checksum.Value;
        response.Headers[UploadChecksum.TypeHeader] = Checksum.NameOf(type);
    }

    /// <summary>The table of <see href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"/>: an SSE-C object answers without the SSE header.</summary>
    private static void WriteEncryption(HttpResponse response, EncryptionMode mode, string? kmsKeyArn, bool bucketKey, string? customerKeyMd5)
    {
        RequestTelemetry.Current?.Mode = mode is EncryptionMode.Customer ? "SSE-C" : SseHeaders.NameOf(mode);
        var headers = response.Headers;
        if (mode is EncryptionMode.Customer)
        {
            headers[SseHeaders.CustomerAlgorithm] = SseHeaders.Aes256;
            headers[SseHeaders.CustomerKeyMd5] = customerKeyMd5;
            return;
        }
        headers[SseHeaders.Algorithm] = SseHeaders.NameOf(mode);
        if (kmsKeyArn is not null) headers[SseHeaders.KmsKeyId] = kmsKeyArn;
        if (bucketKey) headers[SseHeaders.BucketKeyEnabled] = "true";
    }
}
