using System.Globalization;
using System.Net;
using System.Text;
using System.Xml.Linq;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Versions;

/// <summary>ListObjectVersions, by the SDK's paginator and in every detail of its answer.</summary>
[Collection(VersionsCollection.Name)]
public sealed class ListVersionsTests(ServiceFixture service)
{
    /// <summary>More than a page of versions and delete markers, of keys in an order that is neither that of characters nor of blobs' names.</summary>
    [Fact]
    public async Task More_versions_than_a_page_holds_are_listed_in_order_in_pages_of_every_size()
    {
        var bucket = await service.NewVersionedBucketAsync();
        string[] keys = [.. Enumerable.Range(0, 205).Select(i => $"folder/{i:D3}"), "folder/ ", "folder/\uE000", "folder/😀", "folder//x", "folder/0/", "last"];
        var expected = new Dictionary<string, List<string>>();
        await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (key, _) =>
        {
            var ids = new List<string>();
            for (var i = 0; i < 5; i++)
            {
                var request = i == 2 ? RawRequest.Delete(bucket, key) : RawRequest.Put(bucket, key, Encoding.UTF8.GetBytes(key));
                var answer = await service.Http.SendAsync(request);
                Assert.True((int)answer.Status < 300, answer.Text);
                ids.Insert(0, answer["x-amz-version-id"]!);
            }
            lock (expected) expected[key] = ids;
        });
        var inOrder = keys.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal).SelectMany(key => expected[key].Select(id => (key, id))).ToList();
        Assert.Equal(keys.Length * 5, inOrder.Count);

        foreach (var size in (int?[])[null, 1000, 7])
        {
            var listed = new List<S3ObjectVersion>();
            await foreach (var page in service.S3.Paginators.ListVersions(new() { BucketName = bucket, MaxKeys = size }).Responses)
            {
                Assert.InRange(page.Versions.Count, 1, size ?? 1000);
                listed.AddRange(page.Versions);
            }
            Assert.Equal(inOrder, listed.Select(version => (version.Key, version.VersionId)));
            Assert.All(listed.Index(), version => Assert.Equal((version.Index % 5 == 0, version.Index % 5 == 2), (version.Item.IsLatest is true, version.Item.IsDeleteMarker is true)));
            if (size == 7) continue;
            Assert.All(listed.Where(version => version.IsDeleteMarker is not true), version => Assert.Equal(Encoding.UTF8.GetByteCount(version.Key), version.Size));
        }
        var other = await service.S3.ListVersionsAsync(new ListVersionsRequest { BucketName = bucket, Prefix = "fol", Delimiter = "/" });
        Assert.Equal(("folder/", 0), (string.Join(' ', other.CommonPrefixes), other.Versions?.Count ?? 0));
        other = await service.S3.ListVersionsAsync(new ListVersionsRequest { BucketName = bucket, Prefix = "folder/", Delimiter = "/", MaxKeys = 8 });
        Assert.Equal(("folder// folder/0/", 6, true), (string.Join(' ', other.CommonPrefixes), other.Versions.Count, other.IsTruncated));
        other = await service.S3.ListVersionsAsync(new ListVersionsRequest { BucketName = bucket, Prefix = "folder/1", Delimiter = "9", KeyMarker = "folder/109" });
        Assert.Equal("folder/119 folder/129 folder/139 folder/149 folder/159 folder/169 folder/179 folder/189 folder/19", string.Join(' ', other.CommonPrefixes));
        Assert.Equal(8 * 9 * 5, other.Versions.Count);
    }

    [Fact]
    public async Task The_document_is_S3s_with_versions_and_delete_markers_in_their_order()
    {
        var bucket = await service.NewVersionedBucketAsync();
        var put = (await service.Http.SendAsync(RawRequest.Put(bucket, "a&b", "body"u8.ToArray()))).MustBe(HttpStatusCode.OK);
        var marker = (await service.Http.SendAsync(RawRequest.Delete(bucket, "a&b")))["x-amz-version-id"]!;
        var again = (await service.Http.SendAsync(RawRequest.Put(bucket, "a&b", "body"u8.ToArray())))["x-amz-version-id"]!;
        await service.Http.SendAsync(RawRequest.Put(bucket, "c/d", []));
        var document = await ListAsync(bucket, ("max-keys", "3"), ("delimiter", "/"), ("encoding-type", "url"));
        Assert.Equal("{http://s3.amazonaws.com/doc/2006-03-01/}ListVersionsResult", document.Name.ToString());
        Assert.Equal(["Name", "Prefix", "KeyMarker", "VersionIdMarker", "NextKeyMarker", "NextVersionIdMarker", "MaxKeys", "Delimiter", "EncodingType", "IsTruncated", "Version", "DeleteMarker", "Version"],
            document.Elements().Select(element => element.Name.LocalName));
        Assert.Equal([bucket, "", "", "", "a%26b", put["x-amz-version-id"], "3", "/", "url", "true"], document.Elements().Take(10).Select(element => element.Value));
        var versions = document.Elements().Skip(10).Select(element => element.Elements().ToDictionary(field => field.Name.LocalName, field => field.Value)).ToList();
        Assert.Equal([again, marker, put["x-amz-version-id"]], versions.Select(version => version["VersionId"]));
        Assert.Equal(["true", "false", "false"], versions.Select(version => version["IsLatest"]));
        Assert.All(versions, version => Assert.Equal("a%26b", version["Key"]));
        Assert.Equal(["ChecksumAlgorithm", "ChecksumType", "ETag", "IsLatest", "Key", "LastModified", "Owner", "Size", "StorageClass", "VersionId"], versions[0].Keys.Order());
        Assert.Equal(["IsLatest", "Key", "LastModified", "Owner", "VersionId"], versions[1].Keys.Order());
        Assert.Equal((put["etag"], "4", "STANDARD"), (versions[2]["ETag"], versions[2]["Size"], versions[2]["StorageClass"]));
        Assert.All(versions, version => Assert.InRange(DateTimeOffset.Parse(version["LastModified"], CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow));

        var next = await ListAsync(bucket, ("key-marker", "a&b"), ("version-id-marker", put["x-amz-version-id"]!), ("delimiter", "/"));
        Assert.Equal(["Name", "Prefix", "KeyMarker", "VersionIdMarker", "MaxKeys", "Delimiter", "IsTruncated", "CommonPrefixes"], next.Elements().Select(element => element.Name.LocalName));
        Assert.Equal("c/", next.Elements().Last().Value);
        Assert.Equal(["Name", "Prefix", "KeyMarker", "VersionIdMarker", "MaxKeys", "IsTruncated"], (await ListAsync(bucket, ("max-keys", "0"))).Elements().Select(element => element.Name.LocalName));
    }

    [Theory]
    [InlineData("version-id-marker=null", "A version-id marker cannot be specified without a key marker.", "version-id-marker", "null")]
    [InlineData("version-id-marker=", "A version-id marker cannot be specified without a key marker.", "version-id-marker", "")]
    [InlineData("key-marker=a&version-id-marker=", "A version-id marker cannot be empty.", "version-id-marker", "")]
    [InlineData("key-marker=a&version-id-marker=wrong", "Invalid version id specified", "version-id-marker", "wrong")]
    [InlineData("max-keys=-1", "Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys", "-1")]
    [InlineData("max-keys=x", "Provided max-keys not an integer or within integer range", "max-keys", "x")]
    [InlineData("encoding-type=other", "Invalid Encoding Method specified in Request", "encoding-type", "other")]
    public async Task A_parameter_that_S3_does_not_take_is_refused(string query, string message, string name, string value)
    {
        var bucket = await service.NewBucketAsync();
        var parameters = query.Split('&').Select(pair => (pair.Split('=')[0], pair.Split('=')[1]));
        var error = (await service.Http.SendAsync(new RawRequest("GET", $"/{bucket}") { Query = [("versions", ""), .. parameters] })).MustBeError(400, "InvalidArgument", message);
        Assert.Equal((name, value), (error.ErrorField("ArgumentName"), error.ErrorField("ArgumentValue")));
    }

    private async Task<XElement> ListAsync(string bucket, params (string, string)[] query) =>
        XElement.Parse((await service.Http.SendAsync(new RawRequest("GET", $"/{bucket}") { Query = [("versions", ""), .. query] })).MustBe(HttpStatusCode.OK).Text);
}
