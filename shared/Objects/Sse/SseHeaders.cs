namespace Serverless.Objects.Sse;

/// <summary>The names of the server-side-encryption headers (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html).</summary>
public static class SseHeaders
{
    public const string Algorithm = "x-amz-server-side-encryption";
    public const string KmsKeyId = "x-amz-server-side-encryption-aws-kms-key-id";
    public const string Context = "x-amz-server-side-encryption-context";
    public const string BucketKeyEnabled = "x-amz-server-side-encryption-bucket-key-enabled";
    public const string CustomerAlgorithm = "x-amz-server-side-encryption-customer-algorithm";
    public const string CustomerKey = "x-amz-server-side-encryption-customer-key";
    public const string CustomerKeyMd5 = "x-amz-server-side-encryption-customer-key-MD5";
    public const string CopySourceCustomerAlgorithm = "x-amz-copy-source-server-side-encryption-customer-algorithm";
    public const string CopySourceCustomerKey = "x-amz-copy-source-server-side-encryption-customer-key";
    public const string CopySourceCustomerKeyMd5 = "x-amz-copy-source-server-side-encryption-customer-key-MD5";

    public const string Aes256 = "AES256";
    public const string AwsKms = "aws:kms";
    public const string AwsKmsDsse = "aws:kms:dsse";

    /// <summary>The mode that a value of <see cref="Algorithm"/> names; null for any other text.</summary>
    public static EncryptionMode? ModeOf(string? algorithm) => algorithm switch
    {
        Aes256 => EncryptionMode.S3,
        AwsKms => EncryptionMode.Kms,
        AwsKmsDsse => EncryptionMode.DoubleKms,
        _ => null,
    };

    /// <summary>The name of a mode that has one: all but SSE-C.</summary>
    public static string NameOf(EncryptionMode mode) => mode switch
    {
        EncryptionMode.S3 => Aes256,
        EncryptionMode.Kms => AwsKms,
        EncryptionMode.DoubleKms => AwsKmsDsse,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
