using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Serverless.EndToEnd.Clients;

namespace Serverless.EndToEnd.RoundTrips;

/// <summary>How a client may ask for encryption, by the names that tests show.</summary>
public static class Mode
{
    public const string Default = "default";
    public const string S3 = "AES256";
    public const string ManagedKms = "aws:kms";
    public const string KeyId = "aws:kms, key id";
    public const string KeyArn = "aws:kms, key ARN";
    public const string AliasName = "aws:kms, alias name";
    public const string AliasArn = "aws:kms, alias ARN";
    public const string BucketKey = "aws:kms, bucket key";
    public const string Context = "aws:kms, encryption context";
    public const string Double = "aws:kms:dsse";
    public const string Customer = "SSE-C";

    public static string[] All { get; } = [Default, S3, ManagedKms, KeyId, KeyArn, AliasName, AliasArn, BucketKey, Context, Double, Customer];

    /// <summary>One of each form in which data keys and data are stored.</summary>
    public static string[] Stored { get; } = [S3, ManagedKms, BucketKey, Double, Customer];
}

/// <summary>A request's encryption in one <see cref="Mode"/>, and what the answers must say of it.</summary>
internal sealed class RequestedMode(string mode, string keyArn, string alias, CustomerKey customerKey)
{
    public bool OverTls => mode == Mode.Customer;

    public bool IsS3 => mode is Mode.Default or Mode.S3;

    /// <summary>The mode as the answer names it; null where SSE-C leaves it out.</summary>
    public string? Answered => mode switch
    {
        Mode.Default or Mode.S3 => "AES256",
        Mode.Double => "aws:kms:dsse",
        Mode.Customer => null,
        _ => "aws:kms",
    };

    public void Apply(PutObjectRequest request)
    {
        if (mode == Mode.Default) return;
        if (mode == Mode.Customer)
        {
            request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
            request.ServerSideEncryptionCustomerProvidedKey = customerKey.Base64;
            return;
        }
        request.ServerSideEncryptionMethod = Answered;
        request.ServerSideEncryptionKeyManagementServiceKeyId = mode switch
        {
            Mode.KeyId => keyArn[(keyArn.LastIndexOf('/') + 1)..],
            Mode.AliasName => alias,
            Mode.AliasArn => $"{keyArn[..keyArn.LastIndexOf(':')]}:{alias}",
            Mode.KeyArn or Mode.BucketKey or Mode.Context or Mode.Double => keyArn,
            _ => null,
        };
        if (mode == Mode.BucketKey) request.BucketKeyEnabled = true;
        if (mode == Mode.Context) request.ServerSideEncryptionKeyManagementServiceEncryptionContext = "eyJkZXBhcnRtZW50IjoiMTAifQ==";
    }

    public void Apply(TransferUtilityUploadRequest request)
    {
        if (mode == Mode.Customer)
        {
            request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
            request.ServerSideEncryptionCustomerProvidedKey = customerKey.Base64;
            return;
        }
        request.ServerSideEncryptionMethod = Answered;
        if (mode != Mode.BucketKey) return;
        request.ServerSideEncryptionKeyManagementServiceKeyId = keyArn;
        request.BucketKeyEnabled = true;
    }

    public void Apply(GetObjectRequest request)
    {
        if (mode != Mode.Customer) return;
        request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
        request.ServerSideEncryptionCustomerProvidedKey = customerKey.Base64;
    }

    public void Apply(GetObjectMetadataRequest request)
    {
        if (mode != Mode.Customer) return;
        request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
        request.ServerSideEncryptionCustomerProvidedKey = customerKey.Base64;
    }
}
