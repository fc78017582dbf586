namespace Serverless.Objects.Buckets;

/// <summary>A bucket as the bucket table records it.</summary>
/// <param name="Name">The bucket's name.</param>
/// <param name="Region">The Region that it was created in; its KMS keys are of this Region.</param>
/// <param name="Container">The container that holds its objects: a name of the store's own, since bucket names are not container names.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="BlocksCustomerKeys">Whether uploads with SSE-C are refused, as they are on new buckets by default.</param>
public sealed record Bucket(string Name, string Region, string Container, DateTimeOffset CreatedAt, bool BlocksCustomerKeys)
{
    public string Arn => $"arn:aws:s3:::{Name}";

    public string ObjectArn(string key) => $"arn:aws:s3:::{Name}/{key}";
}
