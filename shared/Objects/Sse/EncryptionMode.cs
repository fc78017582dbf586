using System.Text.Json.Serialization;

namespace Serverless.Objects.Sse;

/// <summary>How an object's data key is kept. One object has one mode.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EncryptionMode>))]
public enum EncryptionMode
{
    /// <summary>SSE-S3: wrapped by the service's master key.</summary>
    S3,

    /// <summary>SSE-KMS: wrapped by a KMS key.</summary>
    Kms,

    /// <summary>DSSE-KMS: two layers, the inner under a KMS key, the outer under the service's master key.</summary>
    DoubleKms,

    /// <summary>SSE-C: wrapped by the key in the request.</summary>
    Customer,
}
