using System.Net;
using System.Security.Cryptography;
using System.Xml.Linq;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>ListBuckets in pages, by prefix and by Region.</summary>
[Collection(ObjectsCollection.Name)]
public sealed class ListBucketsTests(ServiceFixture service)
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly string _prefix = $"list.{RandomNumberGenerator.GetHexString(10, lowercase: true)}-";

    [Fact]
    public async Task Buckets_are_listed_by_prefix_in_pages_in_the_order_of_their_names()
    {
        foreach (var name in (string[])["c", "a", "b", "a.1", "a-1"]) await service.S3.PutBucketAsync(_prefix + name);
        var listed = new List<string>();
        var pages = 0;
        await foreach (var page in service.S3.Paginators.ListBuckets(new() { Prefix = _prefix, MaxBuckets = 2 }).Responses)
        {
            listed.AddRange(page.Buckets.Select(bucket => bucket.BucketName));
            Assert.All(page.Buckets, bucket => Assert.Equal(TestAccount.Region, bucket.BucketRegion));
            pages++;
        }
        Assert.Equal(new[] { "a", "a-1", "a.1", "b", "c" }.Select(name => _prefix + name), listed);
        Assert.Equal(3, pages);
    }

    [Fact]
    public async Task Buckets_are_listed_by_Region()
    {
        await service.S3.PutBucketAsync(_prefix + "home");
        await service.S3.PutBucketAsync(new PutBucketRequest { BucketName = _prefix + "abroad", PutBucketConfiguration = new() { LocationConstraint = TestAccount.OtherRegion } });
        foreach (var (region, expected) in new[] { (TestAccount.OtherRegion, "abroad"), (TestAccount.Region.ToUpperInvariant(), "home") })
        {
            var listing = await ListAsync(("bucket-region", region), ("prefix", _prefix));
            Assert.Equal(_prefix + expected, Assert.Single(listing.Descendants(S3 + "Name")).Value);
            Assert.Equal(_prefix, listing.Element(S3 + "Prefix")!.Value);
        }
        Assert.Empty((await ListAsync(("bucket-region", "ap-south-2"), ("prefix", _prefix))).Descendants(S3 + "Name"));
    }

    /// <summary>As recorded of S3: an empty token is none; a prefix is shown as it was sent; the Region is shown to whoever asks for a page.</summary>
    [Fact]
    public async Task The_answer_repeats_what_was_sent_and_tells_the_Region_only_then()
    {
        foreach (var name in (string[])["a", "b"]) await service.S3.PutBucketAsync(_prefix + name);
        var page = await ListAsync(("max-buckets", "1"), ("continuation-token", ""), ("prefix", ""));
        Assert.Equal(["Owner", "Buckets", "Prefix", "ContinuationToken"], page.Elements().Select(element => element.Name.LocalName));
        Assert.Equal(["Name", "CreationDate", "BucketRegion"], page.Descendants(S3 + "Bucket").Single().Elements().Select(element => element.Name.LocalName));
        var all = await ListAsync();
        Assert.Equal(["Owner", "Buckets"], all.Elements().Select(element => element.Name.LocalName));
        Assert.Equal(["Name", "CreationDate"], all.Descendants(S3 + "Bucket").First().Elements().Select(element => element.Name.LocalName));
        Assert.EndsWith(".000Z", all.Descendants(S3 + "CreationDate").First().Value, StringComparison.Ordinal);
        Assert.Empty((await ListAsync(("prefix", "UPPER / case"))).Descendants(S3 + "Bucket"));
    }

    [Theory]
    [InlineData("max-buckets", "0", "Argument max-buckets must be an integer between 1 and 10000", "max-buckets")]
    [InlineData("max-buckets", "10001", "Argument max-buckets must be an integer between 1 and 10000", "max-buckets")]
    [InlineData("max-buckets", "abc", "Provided max-buckets not an integer or within integer range", "max-buckets")]
    [InlineData("bucket-region", "nowhere", "Argument value nowhere is not a valid AWS Region", "bucket-region")]
    [InlineData("bucket-region", "", "Argument value  is not a valid AWS Region", "bucket-region")]
    [InlineData("continuation-token", "garbage", "The continuation token provided is incorrect", "continuation-token")]
    public async Task A_wrong_parameter_is_refused_in_S3s_words(string parameter, string value, string message, string argument)
    {
        var refused = await service.Http.SendAsync(new RawRequest("GET", "/") { Query = [(parameter, value)] });
        refused.MustBeError(400, "InvalidArgument", message);
        Assert.Equal(argument, refused.ErrorField("ArgumentName"));
    }

    private async Task<XElement> ListAsync(params (string, string)[] query) =>
        XElement.Parse((await service.Http.SendAsync(new RawRequest("GET", "/") { Query = query })).MustBe(HttpStatusCode.OK).Text);
}
