using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Azure.Storage.Sas;
using Serverless.Benchmarks.Programs;

namespace Serverless.Benchmarks.Load;

/// <summary>Who is measured on a stage. All requests are signed in advance, as presigned URLs and shared access signatures.</summary>
internal static class Contenders
{
    public const string Azurite = "Azurite";
    public const string Floor = "floor";
    public const string S3 = "SSE-S3";
    public const string Kms = "SSE-KMS";
    public const string Customer = "SSE-C";

    /// <summary>The service's modes. SSE-C is refused without TLS, and so has it; the others do without.</summary>
    public static readonly string[] AllModes = [S3, Kms, Customer];

    private const string Bucket = "benchmarks";
    private const string Sse = "x-amz-server-side-encryption";

    private static readonly Dictionary<string, string> NoHeaders = [];
    private static readonly TimeSpan Validity = TimeSpan.FromHours(2);

    /// <summary>Azurite, the floor, and the service in each of the modes that the stage is for.</summary>
    /// <param name="stage">Where they run.</param>
    /// <param name="workers">How many keys each has: every worker has its own.</param>
    /// <param name="body">What an object consists of,</param>
    /// <param name="repeat">and how many times.</param>
    public static IEnumerable<Contender> Of(Stage stage, int workers, byte[] body, int repeat = 1) =>
    [
        OfAzurite(stage, workers, body, repeat),
        OfFloor(stage, workers, body, repeat),
        .. stage.Modes.Select(mode => OfService(stage, mode, workers, body, repeat)),
    ];

    /// <summary>Creates the bucket that the service's contenders write to, where there are any.</summary>
    public static async Task CreateBucketAsync(Stage stage, CancellationToken cancellationToken)
    {
        if (stage.Modes.Count == 0) return;
        using var client = Client(stage, secure: false);
        await client.PutBucketAsync(Bucket, cancellationToken);
    }

    private static Contender OfAzurite(Stage stage, int workers, byte[] body, int repeat)
    {
        var signature = stage.Container.GenerateSasUri(BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Write | BlobContainerSasPermissions.Create,
            DateTimeOffset.UtcNow + Validity).Query;
        var urls = Enumerable.Range(0, workers).Select(worker => new Uri($"{stage.Container.Uri}/direct-{worker}{signature}")).ToArray();
        var blockBlob = new Dictionary<string, string> { ["x-ms-blob-type"] = "BlockBlob" };
        return new(Azurite, stage.Container.Uri, null, null, stage.SettleAsync,
            [.. urls.Select(url => PreparedRequest.Put(url, blockBlob, body, repeat))], [.. urls.Select(url => PreparedRequest.Get(url, NoHeaders))]);
    }

    private static Contender OfFloor(Stage stage, int workers, byte[] body, int repeat)
    {
        var urls = Enumerable.Range(0, workers).Select(worker => new Uri(stage.FloorAddress, $"/object-{worker}")).ToArray();
        return new(Floor, stage.FloorAddress, null, stage.Floor, stage.SettleAsync,
            [.. urls.Select(url => PreparedRequest.Put(url, NoHeaders, body, repeat))], [.. urls.Select(url => PreparedRequest.Get(url, NoHeaders))]);
    }

    private static Contender OfService(Stage stage, string mode, int workers, byte[] body, int repeat)
    {
        var secure = mode == Customer;
        var getHeaders = secure ? CustomerKey() : [];
        var putHeaders = mode == Kms ? new() { [Sse] = "aws:kms" } : getHeaders;
        using var client = Client(stage, secure);
        return new(mode, secure ? stage.SecureServiceAddress : stage.ServiceAddress, secure ? stage.Authority : null, stage.Service, stage.SettleAsync,
            [.. Enumerable.Range(0, workers).Select(worker => PreparedRequest.Put(Presign(HttpVerb.PUT, worker, putHeaders), putHeaders, body, repeat))],
            [.. Enumerable.Range(0, workers).Select(worker => PreparedRequest.Get(Presign(HttpVerb.GET, worker, getHeaders), getHeaders))]);

        Uri Presign(HttpVerb verb, int worker, Dictionary<string, string> headers)
        {
            var request = new GetPreSignedUrlRequest
            {
                BucketName = Bucket,
                Key = $"{mode}/{worker}",
                Verb = verb,
                Expires = DateTime.UtcNow + Validity,
                Protocol = secure ? Protocol.HTTPS : Protocol.HTTP,
            };
            foreach (var (name, value) in headers) request.Headers[name] = value;
            return new(client.GetPreSignedURL(request));
        }
    }

    private static Dictionary<string, string> CustomerKey()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        return new()
        {
            [$"{Sse}-customer-algorithm"] = "AES256",
            [$"{Sse}-customer-key"] = Convert.ToBase64String(key),
            [$"{Sse}-customer-key-MD5"] = Convert.ToBase64String(MD5.HashData(key)),
        };
    }

    private static AmazonS3Client Client(Stage stage, bool secure) => new(new BasicAWSCredentials(stage.AccessKeyId, stage.SecretAccessKey), new AmazonS3Config
    {
        ServiceURL = (secure ? stage.SecureServiceAddress : stage.ServiceAddress).AbsoluteUri,
        AuthenticationRegion = Stage.Region,
        ForcePathStyle = true,
    });
}
