using Serverless.Access;

namespace Serverless.Keys;

/// <summary>Why a key is used: what the permission is judged by and the audit record tells.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Region">The Region of the request; a KMS key is found in this one only.</param>
/// <param name="ViaService">The service that uses the key for its caller, <c>s3</c> (<c>kms:ViaService</c>), or null for a direct call of KMS.</param>
/// <param name="ObjectArn">The object concerned, <c>arn:aws:s3:::bucket/key</c>, or null.</param>
/// <param name="BucketKey">Whether the data key is a bucket's.</param>
public sealed record KeyUse(Caller Caller, string Region, string? ViaService, string? ObjectArn, bool BucketKey = false)
{
    /// <summary>The service's own use of a key in a Region, for no caller and no object in particular.</summary>
    public static KeyUse OfService(string accountId, string region) => new(Caller.Service(accountId, Guid.NewGuid().ToString()), region, ManagedKeys.Service, null);

    /// <summary>The service as policies and records name it, <c>s3.REGION.amazonaws.com</c>, or null.</summary>
    public string? ViaServiceName => ViaService is null ? null : $"{ViaService}.{Region}.amazonaws.com";
}
