using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Serverless.Encryption;
using Serverless.Objects.Api;
using Serverless.Objects.Store;

namespace Serverless.Objects.Sse;

/// <summary>
/// The encryption that an existing object is to get: the document of UpdateObjectEncryption (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ObjectEncryption.html).
/// AWS takes SSE-KMS; here SSE-S3 is another choice, <c>&lt;SSE-S3/&gt;</c>.
/// </summary>
/// <param name="KmsKeyArn">The KMS key's ARN; null with SSE-S3.</param>
public sealed partial record RequestedReencryption(string? KmsKeyArn, bool BucketKey)
{
    private const string SseS3 = "SSE-S3";
    private const string SseKms = "SSE-KMS";

    /// <exception cref="S3Exception">MalformedXML, one of <see cref="ReencryptionErrors"/>.</exception>
    public static RequestedReencryption Read(XElement? document, string accountId)
    {
        if (document is not { Name.LocalName: "ObjectEncryption" }) throw new S3Exception(S3Errors.MalformedXml);
        return document.Elements().ToList() switch
        {
            [] => throw new S3Exception(ReencryptionErrors.NoType),
            [{ Name.LocalName: SseS3, HasElements: false }] => new(null, false),
            [{ Name.LocalName: SseKms } kms] => ReadKms(kms, accountId),
            [{ Name.LocalName: "DSSE-KMS" or "SSE-C" }] => throw new S3Exception(ReencryptionErrors.UnsupportedType),
            [_] => throw new S3Exception(ReencryptionErrors.NoType),
            _ => throw new S3Exception(S3Errors.MalformedXml),
        };
    }

    /// <summary>Says the same in a write's headers, for the policies that judge those. A customer's key that opens the object is no part of its new encryption.</summary>
    public void WriteTo(IHeaderDictionary headers)
    {
        foreach (var header in (ReadOnlySpan<string>)[SseHeaders.CustomerAlgorithm, SseHeaders.CustomerKey, SseHeaders.CustomerKeyMd5, SseHeaders.Context, SseHeaders.KmsKeyId])
            headers.Remove(header);
        headers[SseHeaders.Algorithm] = SseHeaders.NameOf(KmsKeyArn is null ? EncryptionMode.S3 : EncryptionMode.Kms);
        headers[SseHeaders.BucketKeyEnabled] = BucketKey ? "true" : "false";
        if (KmsKeyArn is not null) headers[SseHeaders.KmsKeyId] = KmsKeyArn;
    }

    /// <summary>How the object will be encrypted. Its encryption context stays with it from one KMS key to another, but for S3's own pair.</summary>
    public EffectiveEncryption Of(ObjectDescription description)
    {
        if (KmsKeyArn is null) return new(EncryptionMode.S3, null, EncryptionContext.Empty, false, null);
        var context = KeyBinding.ClientContextOf(description).Pairs.Where(pair => pair.Key != KeyBinding.ArnPair);
        return new(EncryptionMode.Kms, KmsKeyArn, EncryptionContext.Of(context), BucketKey, null);
    }

    private static RequestedReencryption ReadKms(XElement element, string accountId)
    {
        string? arn = null, bucketKey = null;
        foreach (var child in element.Elements())
        {
            if (child.Name.LocalName == "KMSKeyArn" && arn is null) arn = child.Value;
            else if (child.Name.LocalName == "BucketKeyEnabled" && bucketKey is null) bucketKey = child.Value;
            else throw new S3Exception(S3Errors.MalformedXml);
        }
        if (string.IsNullOrEmpty(arn)) throw new S3Exception(ReencryptionErrors.NoKey);
        var match = KeyArn().Match(arn);
        if (!match.Success) throw new S3Exception(ReencryptionErrors.NoKeyArn);
        var enabled = false;
        if (bucketKey is not null && !bool.TryParse(bucketKey, out enabled)) throw new S3Exception(ReencryptionErrors.InvalidBucketKey);
        return match.Groups["account"].Value == accountId ? new(arn, enabled) : throw new S3Exception(ReencryptionErrors.ForeignKey);
    }

    /// <summary>API_SSEKMSEncryption.html: neither key ids nor aliases.</summary>
    [GeneratedRegex("^arn:aws[-a-z0-9]*:kms:[-a-z0-9]*:(?<account>[0-9]{12}):key/.+\\z")]
    private static partial Regex KeyArn();
}
