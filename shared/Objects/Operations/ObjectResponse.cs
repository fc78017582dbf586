using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Objects.Api;
using Serverless.Objects.Checksums;
using Serverless.Objects.Sse;
using Serverless.Objects.Store;

namespace Serverless.Objects.Operations;

/// <summary>Writes an object's headers into an answer.</summary>
internal static class ObjectResponse
{
    /// <summary>ETag, encryption and checksum, as PutObject answers them.</summary>
    public static void WriteStored(HttpResponse response, ObjectDescription description, string? customerKeyMd5)
    {
        response.Headers.ETag = $"\"{description.ETag}\"";
        WriteEncryption(response, description, customerKeyMd5);
        WriteChecksum(response, description);
        // Unlike GetObject, PutObject repeats the client's encryption context (API_PutObject.html).
        if (description.EncryptionContext is { Count: > 0 } context)
            response.Headers[SseHeaders.Context] = Convert.ToBase64String(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(context, SseJson.Default.SortedDictionaryStringString));
    }

    /// <summary>Everything that GetObject and HeadObject answer beside the length and the range.</summary>
    public static void WriteDescription(HttpResponse response, ObjectDescription description, string? customerKeyMd5)
    {
        var headers = response.Headers;
        headers.ETag = $"\"{description.ETag}\"";
        headers.LastModified = HeaderUtilities.FormatDate(description.LastModified);
        headers.AcceptRanges = "bytes";
        foreach (var (name, value) in description.Headers) headers[name] = value;
        foreach (var (name, value) in description.UserMetadata) headers[ObjectMetadata.UserPrefix + name] = value;
        WriteEncryption(response, description, customerKeyMd5);
    }

    public static void WriteChecksum(HttpResponse response, ObjectDescription description)
    {
        if (description.Checksum is not { } checksum) return;
        response.Headers[checksum.Header] = checksum.Value;
        response.Headers[UploadChecksum.TypeHeader] = Checksum.NameOf(checksum.Type);
    }

    public static string ContentRange(long offset, long count, long length) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {offset}-{offset + count - 1}/{length}");

    /// <summary>The table of <see href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"/>: an SSE-C object answers without the SSE header.</summary>
    private static void WriteEncryption(HttpResponse response, ObjectDescription description, string? customerKeyMd5)
    {
        var headers = response.Headers;
        switch (description.Mode)
        {
            case EncryptionMode.Customer:
                headers[SseHeaders.CustomerAlgorithm] = SseHeaders.Aes256;
                headers[SseHeaders.CustomerKeyMd5] = customerKeyMd5;
                return;
            case EncryptionMode.S3:
                headers[SseHeaders.Algorithm] = SseHeaders.Aes256;
                return;
            default:
                headers[SseHeaders.Algorithm] = description.Mode is EncryptionMode.Kms ? SseHeaders.AwsKms : SseHeaders.AwsKmsDsse;
                headers[SseHeaders.KmsKeyId] = description.KmsKeyArn;
                if (description.BucketKey) headers[SseHeaders.BucketKeyEnabled] = "true";
                return;
        }
    }
}
