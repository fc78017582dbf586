using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Buckets;

/// <summary>
/// The document of a bucket's default encryption (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionConfiguration.html): one rule, which may also say
/// whether uploads with SSE-C are refused.
/// </summary>
/// <param name="Encryption">The default; a rule that does not name one means SSE-S3.</param>
/// <param name="BlocksCustomerKeys">Whether SSE-C is refused; null in a rule that leaves it as it is.</param>
public sealed record BucketEncryptionRule(BucketEncryption Encryption, bool? BlocksCustomerKeys)
{
    public const string Root = "ServerSideEncryptionConfiguration";

    private const string Rule = "Rule";
    private const string Default = "ApplyServerSideEncryptionByDefault";
    private const string Algorithm = "SSEAlgorithm";
    private const string KeyId = "KMSMasterKeyID";
    private const string BucketKey = "BucketKeyEnabled";
    private const string Blocked = "BlockedEncryptionTypes";
    private const string BlockedType = "EncryptionType";
    private const string SseC = "SSE-C";
    private const string Nothing = "NONE";

    /// <exception cref="S3Exception">MalformedXML, or InvalidArgument for a key that goes with SSE-S3 and for a list of nothing.</exception>
    public static BucketEncryptionRule Read(XElement? document)
    {
        if (document is not { Name.LocalName: Root } || document.Elements().ToList() is not [{ Name.LocalName: Rule, HasElements: true } rule]) throw Malformed();
        var members = S3Xml.Members(rule, Default, BucketKey, Blocked);
        var (mode, keyId) = ReadDefault(members.GetValueOrDefault(Default));
        var bucketKey = members.TryGetValue(BucketKey, out var enabled) && (bool.TryParse(enabled.Value, out var on) ? on : throw Malformed());
        return new(new(mode, keyId, bucketKey), ReadBlock(members.GetValueOrDefault(Blocked)));
    }

    /// <summary>What GetBucketEncryption answers; the block is always there.</summary>
    public static XElement Write(Bucket bucket)
    {
        var encryption = bucket.DefaultEncryption;
        return new XElement(S3Xml.Namespace + Root, new XElement(S3Xml.Namespace + Rule,
            new XElement(S3Xml.Namespace + Default,
                new XElement(S3Xml.Namespace + Algorithm, SseHeaders.NameOf(encryption.Mode)),
                encryption.KmsKeyId is null ? null : new XElement(S3Xml.Namespace + KeyId, encryption.KmsKeyId)),
            new XElement(S3Xml.Namespace + BucketKey, encryption.BucketKey),
            new XElement(S3Xml.Namespace + Blocked, new XElement(S3Xml.Namespace + BlockedType, bucket.BlocksCustomerKeys ? SseC : Nothing))));
    }

    private static (EncryptionMode Mode, string? KeyId) ReadDefault(XElement? element)
    {
        if (element is null) return (EncryptionMode.S3, null);
        var members = S3Xml.Members(element, Algorithm, KeyId);
        var mode = SseHeaders.ModeOf(members.GetValueOrDefault(Algorithm)?.Value) ?? throw Malformed();
        var keyId = members.GetValueOrDefault(KeyId)?.Value is { Length: > 0 } named ? named : null;
        return mode is EncryptionMode.S3 && keyId is not null
            ? throw new S3Exception(S3Errors.InvalidArgument("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse", Default, null))
            : (mode, keyId);
    }

    private static bool? ReadBlock(XElement? element)
    {
        if (element is null) return null;
        if (!element.HasElements) throw new S3Exception(S3Errors.InvalidArgument($"{Blocked} must contain at least one encryption type", Blocked, null));
        if (element.Elements().Any(type => type.Name.LocalName != BlockedType)) throw Malformed();
        return element.Elements().Select(type => type.Value).Distinct().ToList() switch
        {
            [SseC] => true,
            [Nothing] => false,
            _ => throw Malformed(),
        };
    }

    private static S3Exception Malformed() => new(S3Errors.MalformedXml);
}
