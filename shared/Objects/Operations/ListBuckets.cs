using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Listing;

namespace Serverless.Objects.Operations;

/// <summary>ListBuckets (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html). One endpoint serves the buckets of all Regions here, so that any may be asked for.</summary>
public sealed class ListBuckets(IBucketStore buckets, ServiceIdentity identity)
{
    private const int MaxBuckets = 10_000;
    private const string List = "buckets";

    public async Task HandleAsync(S3Request request)
    {
        var query = request.Signed.Target.Query;
        var maxBuckets = CountParameter.Read(query, "max-buckets", MaxBuckets);
        CountParameter.Require(maxBuckets, "max-buckets", 1, MaxBuckets);
        var (prefix, region, token) = (query.Find("prefix"), query.Find("bucket-region"), query.Find("continuation-token"));
        if (region is not null && !AwsRegion.IsWellFormed(region.ToLowerInvariant()))
            throw new S3Exception(S3Errors.InvalidArgument($"Argument value {region} is not a valid AWS Region", "bucket-region", value: null));
        // Unlike an empty token of ListObjectsV2, one of these begins at the beginning.
        var after = string.IsNullOrEmpty(token) ? "" : PageToken.Open(token, List) ?? throw new S3Exception(S3Errors.ContinuationToken);

        var page = new List<Bucket>();
        string? next = null;
        await foreach (var bucket in buckets.ListAsync(prefix ?? "", after, request.Aborted).ConfigureAwait(false))
        {
            if (region is not null && !bucket.Region.Equals(region, StringComparison.OrdinalIgnoreCase)) continue;
            if (page.Count == maxBuckets)
            {
                next = PageToken.Seal(page[^1].Name, List);
                break;
            }
            page.Add(bucket);
        }

        // A bucket's Region is told to whoever asks for a page (API_Bucket.html, BucketRegion).
        var withRegion = prefix is not null || region is not null || token is not null || query.Has("max-buckets");
        await S3Xml.WriteAsync(request.Response, S3Xml.Element("ListAllMyBucketsResult",
            ListedXml.Owner(identity.AccountId),
            S3Xml.Element("Buckets", page.Select(bucket => S3Xml.Element("Bucket",
                S3Xml.Element("Name", bucket.Name),
                S3Xml.Element("CreationDate", S3Xml.Date(bucket.CreatedAt)),
                withRegion ? S3Xml.Element("BucketRegion", bucket.Region) : null))),
            prefix is null ? null : S3Xml.Element("Prefix", prefix),
            next is null ? null : S3Xml.Element("ContinuationToken", next)),
            request.Aborted).ConfigureAwait(false);
    }
}
