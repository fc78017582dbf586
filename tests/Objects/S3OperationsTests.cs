using Serverless.Access;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tests;

public class S3OperationsTests
{
    [Theory]
    [InlineData("GET", "", "", "", S3Operation.ListBuckets)]
    [InlineData("PUT", "b", "", "", S3Operation.CreateBucket)]
    [InlineData("HEAD", "b", "", "", S3Operation.HeadBucket)]
    [InlineData("DELETE", "b", "", "", S3Operation.DeleteBucket)]
    [InlineData("GET", "b", "", "location", S3Operation.GetBucketLocation)]
    [InlineData("PUT", "b", "k", "x-id=PutObject", S3Operation.PutObject)]
    [InlineData("GET", "b", "k", "response-content-type=a", S3Operation.GetObject)]
    [InlineData("HEAD", "b", "/", "", S3Operation.HeadObject)]
    [InlineData("DELETE", "b", "k", "", S3Operation.DeleteObject)]
    [InlineData("PUT", "b", "k", "acl", S3Operation.NotImplemented)]
    [InlineData("PUT", "b", "k", "partNumber=1&uploadId=x", S3Operation.NotImplemented)]
    [InlineData("PUT", "b", "k", "tagging=", S3Operation.NotImplemented)]
    [InlineData("GET", "b", "", "policy", S3Operation.GetBucketPolicy)]
    [InlineData("PUT", "b", "", "policy=", S3Operation.PutBucketPolicy)]
    [InlineData("DELETE", "b", "", "policy", S3Operation.DeleteBucketPolicy)]
    [InlineData("POST", "b", "", "policy", S3Operation.MethodNotAllowed)]
    [InlineData("DELETE", "b", "k", "policy", S3Operation.NotImplemented)]
    [InlineData("GET", "", "", "policy", S3Operation.NotImplemented)]
    [InlineData("GET", "b", "", "policyStatus", S3Operation.GetBucketPolicyStatus)]
    [InlineData("PUT", "b", "", "policyStatus", S3Operation.MethodNotAllowed)]
    [InlineData("GET", "b", "", "publicAccessBlock", S3Operation.GetPublicAccessBlock)]
    [InlineData("PUT", "b", "", "publicAccessBlock", S3Operation.PutPublicAccessBlock)]
    [InlineData("DELETE", "b", "", "publicAccessBlock", S3Operation.DeletePublicAccessBlock)]
    [InlineData("DELETE", "b", "", "location", S3Operation.MethodNotAllowed)]
    [InlineData("GET", "b", "k", "location", S3Operation.NotImplemented)]
    [InlineData("POST", "b", "", "delete", S3Operation.NotImplemented)]
    [InlineData("GET", "b", "", "", S3Operation.ListObjects)]
    [InlineData("GET", "b", "", "list-type=2&prefix=a", S3Operation.ListObjectsV2)]
    [InlineData("GET", "b", "", "list-type=2&list-type=1", S3Operation.ListObjectsV2)]
    [InlineData("GET", "b", "", "list-type=1", S3Operation.ListObjects)]
    [InlineData("GET", "b", "", "versions", S3Operation.NotImplemented)]
    [InlineData("GET", "b", "k", "list-type=2", S3Operation.GetObject)]
    [InlineData("POST", "b", "k", "", S3Operation.MethodNotAllowed)]
    [InlineData("PUT", "", "", "", S3Operation.MethodNotAllowed)]
    [InlineData("OPTIONS", "b", "k", "", S3Operation.MethodNotAllowed)]
    public void A_request_is_the_operation(string method, string bucket, string key, string query, S3Operation expected) =>
        Assert.Equal(expected, S3Operations.Resolve(method, bucket, key, QueryParameters.Parse(query)));
}
