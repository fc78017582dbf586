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

    /// <summary>The same, and a KMS key of the customer's own.</summary>
    public static string[] Copied { get; } = [S3, ManagedKms, KeyArn, BucketKey, Double, Customer];
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

    /// <summary>The KMS key as the request names it; null where it names none.</summary>
    private string? KeyId => mode switch
    {
        Mode.KeyId => keyArn[(keyArn.LastIndexOf('/') + 1)..],
        Mode.AliasName => alias,
        Mode.AliasArn => $"{keyArn[..keyArn.LastIndexOf(':')]}:{alias}",
        Mode.KeyArn or Mode.BucketKey or Mode.Context or Mode.Double => keyArn,
        _ => null,
    };

    /// <summary>The headers of a write.</summary>
    public (string Name, string Value)[] Headers
    {
        get
        {
            const string Sse = "x-amz-server-side-encryption";
            if (mode == Mode.Customer) return customerKey.Headers;
            (string Name, string? Value)[] headers =
                [(Sse, mode == Mode.Default ? null : Answered), ($"{Sse}-aws-kms-key-id", KeyId), ($"{Sse}-bucket-key-enabled", mode == Mode.BucketKey ? "true" : null)];
            return [.. headers.Where(header => header.Value is not null).Select(header => (header.Name, header.Value!))];
        }
    }

    /// <summary>Those of a read, and of an upload's parts.</summary>
    public (string Name, string Value)[] KeyHeaders => mode == Mode.Customer ? customerKey.Headers : [];

    /// <summary>Those of a copy from an object in this mode.</summary>
    public (string Name, string Value)[] CopySourceHeaders => mode == Mode.Customer ? customerKey.CopySourceHeaders : [];

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
        request.ServerSideEncryptionKeyManagementServiceKeyId = KeyId;
        if (mode == Mode.BucketKey) request.BucketKeyEnabled = true;
        if (mode == Mode.Context) request.ServerSideEncryptionKeyManagementServiceEncryptionContext = "eyJkZXBhcnRtZW50IjoiMTAifQ==";
    }

    /// <summary>The copy is to be in this mode.</summary>
    public void ApplyTarget(CopyObjectRequest request)
    {
        if (mode == Mode.Customer)
        {
            request.ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
            request.ServerSideEncryptionCustomerProvidedKey = customerKey.Base64;
            return;
        }
        request.ServerSideEncryptionMethod = Answered;
        request.ServerSideEncryptionKeyManagementServiceKeyId = KeyId;
        if (mode == Mode.BucketKey) request.BucketKeyEnabled = true;
    }

    /// <summary>The copy's source is in this mode.</summary>
    public void ApplySource(CopyObjectRequest request)
    {
        if (mode != Mode.Customer) return;
        request.CopySourceServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256;
        request.CopySourceServerSideEncryptionCustomerProvidedKey = customerKey.Base64;
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

    public void Apply(TransferUtilityDownloadRequest request)
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
