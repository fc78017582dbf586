using Azure;
using Azure.Data.Tables;
using Serverless.Objects.Buckets;

namespace Serverless.Storage;

/// <summary>A bucket's row: the partition is the account, the row key the bucket's name.</summary>
internal sealed class BucketRow : ITableEntity
{
    public string PartitionKey { get; set; } = "";

    public string RowKey { get; set; } = "";

    public DateTimeOffset? Timestamp { get; set; }

    public ETag ETag { get; set; }

    public string Container { get; set; } = "";

    public string Region { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public bool BlocksCustomerKeys { get; set; }

    /// <summary>The bucket is gone for everybody; its container may still be there.</summary>
    public bool Deleting { get; set; }

    public Bucket ToBucket() => new(RowKey, Region, Container, CreatedAt, BlocksCustomerKeys);
}
