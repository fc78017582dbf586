using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Keys;
using Serverless.Objects.Acls;
using Serverless.Objects.Admin;
using Serverless.Objects.Api;
using Serverless.Objects.Browser;
using Serverless.Objects.Cors;
using Serverless.Objects.Listing;
using Serverless.Objects.Multipart;
using Serverless.Objects.Operations;
using Serverless.Objects.Permissions;
using Serverless.Objects.Rotation;
using Serverless.Objects.Sse;
using Serverless.Objects.Tags;
using Serverless.Objects.Versions;

namespace Serverless.Objects;

/// <summary>Registers the S3 API; the stores come from elsewhere.</summary>
public static class ObjectsServices
{
    public static IServiceCollection AddObjects(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<S3Options>().Bind(configuration.GetSection(S3Options.Section))
            .Validate(options => options.Domains.All(domain => Uri.CheckHostName(domain) is UriHostNameType.Dns), "S3__Domain must be host names without scheme and port, separated by commas.")
            .ValidateOnStart();
        services.AddOptions<UploadsOptions>().Bind(configuration.GetSection(UploadsOptions.Section))
            .Validate(options => options.AbandonedAfterDays >= 1, "Uploads__AbandonedAfterDays must be 1 or more.")
            .ValidateOnStart();
        services.AddOptions<RewrapOptions>().Bind(configuration.GetSection(RewrapOptions.Section))
            .Validate(options => options.RewrapMaxObjectsPerSecond >= 0, "Rotation__RewrapMaxObjectsPerSecond must be 0 (no limit) or more.")
            .ValidateOnStart();
        return services
            .AddSingleton<BucketKeyTrail>()
            .AddSingleton<DataKeyring>()
            .AddSingleton<ArchivedVersions>()
            .AddSingleton<VersionCopies>()
            .AddSingleton<VersionDeletion>()
            .AddSingleton<ObjectReplacement>()
            .AddSingleton<ObjectFinder>()
            .AddSingleton<VersionListing>()
            .AddSingleton<ListObjectVersions>()
            .AddSingleton<BucketVersioningOperations>()
            .AddSingleton<ObjectReader>()
            .AddSingleton<DataWriter>()
            .AddSingleton<LargeBody>()
            .AddSingleton<ObjectWriter>()
            .AddSingleton<PutObject>()
            .AddSingleton<PostObject>()
            .AddSingleton<SlowAnswer>()
            .AddSingleton<CopySourceReader>()
            .AddSingleton<CopyObject>()
            .AddSingleton<GetObject>()
            .AddSingleton<HeadObject>()
            .AddSingleton<ObjectDeletion>()
            .AddSingleton<DeleteObject>()
            .AddSingleton<DeleteObjects>()
            .AddSingleton<ListBuckets>()
            .AddSingleton<ListObjects>()
            .AddSingleton<UpdateObjectEncryption>()
            .AddSingleton<ObjectTaggingOperations>()
            .AddSingleton<BucketTaggingOperations>()
            .AddSingleton<GetObjectAttributes>()
            .AddSingleton<AclOperations>()
            .AddSingleton<OwnershipControlsOperations>()
            .AddSingleton<S3Authorizer>()
            .AddSingleton<BucketTrail>()
            .AddSingleton<BucketChanges>()
            .AddSingleton<BucketOperations>()
            .AddSingleton<BucketPolicyOperations>()
            .AddSingleton<PublicAccessBlockOperations>()
            .AddSingleton<BucketEncryptionOperations>()
            .AddSingleton<BucketCorsOperations>()
            .AddSingleton<CorsAnswer>()
            .AddSingleton<Preflight>()
            .AddSingleton<S3Addressing>()
            .AddSingleton<S3Dispatcher>()
            .AddSingleton<AuthenticationTrail>()
            .AddSingleton<S3Endpoint>()
            .AddSingleton<HealthEndpoint>()
            .AddAdmin()
            .AddSingleton<ServiceEndpoint>()
            .AddSingleton<IKeyReferences, PassReferences>()
            .AddSingleton<RewrapEntries>()
            .AddSingleton<RewrapPages>()
            .AddSingleton<KeyObjects>()
            .AddSingleton<ObjectRewrap>()
            .AddSingleton<RewrapPass>()
            .AddSingleton<UploadReclaim>()
            .AddSingleton<DataReclaim>()
            .AddSingleton<PartWriter>()
            .AddSingleton<CreateMultipartUpload>()
            .AddSingleton<UploadPart>()
            .AddSingleton<UploadPartCopy>()
            .AddSingleton<ListParts>()
            .AddSingleton<ListMultipartUploads>()
            .AddSingleton<CompleteMultipartUpload>()
            .AddSingleton<AbortMultipartUpload>()
            .AddSingleton<MultipartOperations>();
    }
}
