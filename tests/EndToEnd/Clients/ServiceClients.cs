using System.Security.Cryptography;
using Amazon.KeyManagementService;
using Amazon.Runtime;
using Amazon.S3;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Clients;

/// <summary>Every kind of client of one running service. None retries: a test sees the first answer.</summary>
internal sealed class ServiceClients : IAsyncDisposable
{
    private static readonly BasicAWSCredentials Credentials = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey);

    private readonly HttpClient _http;
    private readonly HttpClient _https;

    private ServiceClients(ServiceProcess service)
    {
        S3 = NewS3(service.Http);
        S3OverTls = NewS3(service.Https, config => config.HttpClientFactory = new DevelopmentTrust(service.AuthorityFile));
        Kms = NewKms(service.Http, TestAccount.Region);
        _http = RawClient.NewHttpClient(null);
        _https = RawClient.NewHttpClient(service.AuthorityFile);
        Http = new RawClient(service.Http, _http);
        Https = new RawClient(service.Https, _https);
    }

    public AmazonS3Client S3 { get; }

    public AmazonS3Client S3OverTls { get; }

    public AmazonKeyManagementServiceClient Kms { get; }

    public RawClient Http { get; }

    public RawClient Https { get; }

    public static ServiceClients Of(ServiceProcess service) => new(service);

    public static AmazonS3Client NewS3(Uri endpoint, Action<AmazonS3Config>? configure = null)
    {
        var config = new AmazonS3Config
        {
            ServiceURL = endpoint.AbsoluteUri,
            AuthenticationRegion = TestAccount.Region,
            ForcePathStyle = true,
            MaxErrorRetry = 0,
            Timeout = TimeSpan.FromMinutes(2),
        };
        configure?.Invoke(config);
        return new AmazonS3Client(Credentials, config);
    }

    /// <summary>A client of KMS that signs with an access key, or with the account's own.</summary>
    public static AmazonKeyManagementServiceClient NewKms(Uri endpoint, string region, AWSCredentials? credentials = null) => new(credentials ?? Credentials, new AmazonKeyManagementServiceConfig
    {
        ServiceURL = endpoint.AbsoluteUri,
        AuthenticationRegion = region,
        MaxErrorRetry = 0,
    });

    public async Task<string> NewBucketAsync()
    {
        var bucket = $"test-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        await S3.PutBucketAsync(bucket);
        return bucket;
    }

    public ValueTask DisposeAsync()
    {
        S3.Dispose();
        S3OverTls.Dispose();
        Kms.Dispose();
        _http.Dispose();
        _https.Dispose();
        return ValueTask.CompletedTask;
    }
}
