using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Amazon.S3.Model;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Requests;

/// <summary>Listings of a bucket, to the letter and through the SDK's paginators.</summary>
[Collection(ObjectsCollection.Name)]
public sealed partial class ListObjectsTests(ServiceFixture service)
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary>What an XML parser changes or refuses is among them, as is what sorts differently in UTF-8 and UTF-16.</summary>
    private static readonly string[] Awkward =
    [
        " ", "a b", "a+b", "a%2Bb", "a//b", "a/../b", "a/", "a.", "\"quoted\"", "<xml>&amp;", "line\nbreak", "carriage\rreturn", "tab\t", "\u0001", "\uFFFE", "\uFFFF", "\uE000", "😀", "é",
    ];

    [Fact]
    public async Task ListObjectsV2_answers_what_S3_answers()
    {
        var bucket = await FilledAsync("a/1", "a/2", "b", "c+d");
        Assert.Matches(Exactly($"""
            <?xml version="1.0" encoding="utf-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{bucket}</Name><Prefix></Prefix><StartAfter>a</StartAfter><KeyCount>3</KeyCount>
            <MaxKeys>1001</MaxKeys><Delimiter>/</Delimiter><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
            <Contents><Key>b</Key><LastModified>DATE</LastModified><ETag>"92eb5ffee6ae2fec3ad71c777531578f"</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>
            <Size>1</Size><Owner><ID>OWNER</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>
            <Contents><Key>c%2Bd</Key><LastModified>DATE</LastModified><ETag>"aab245deac295826ff48e56727e9cd57"</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>
            <Size>3</Size><Owner><ID>OWNER</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>
            <CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes></ListBucketResult>
            """), (await ListAsync(bucket, ("list-type", "2"), ("delimiter", "/"), ("start-after", "a"), ("encoding-type", "url"), ("fetch-owner", "true"), ("max-keys", "1001"))).Text);
        var first = await ListAsync(bucket, ("list-type", "2"), ("max-keys", "1"), ("prefix", "a"));
        var token = Document(first).Element(S3 + "NextContinuationToken")!.Value;
        Assert.Matches(Exactly($"""
            <?xml version="1.0" encoding="utf-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{bucket}</Name><Prefix>a</Prefix><ContinuationToken>{token}</ContinuationToken><KeyCount>1</KeyCount>
            <MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>
            <Contents><Key>a/2</Key><LastModified>DATE</LastModified><ETag>"08a3a0ab38cac589c7231d171c88091f"</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>
            <Size>3</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>
            """), (await ListAsync(bucket, ("list-type", "2"), ("prefix", "a"), ("continuation-token", token), ("start-after", "z"))).Text);
    }

    [Fact]
    public async Task ListObjects_answers_what_S3_answers()
    {
        var bucket = await FilledAsync("a/1", "a/2", "b", "c");
        var answer = await ListAsync(bucket, ("delimiter", "/"), ("max-keys", "1"));
        Assert.Equal((TestAccount.Region, "application/xml"), (answer["x-amz-bucket-region"], answer["content-type"]));
        Assert.Matches(Exactly($"""
            <?xml version="1.0" encoding="utf-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{bucket}</Name><Prefix></Prefix><Marker></Marker><NextMarker>a/</NextMarker>
            <MaxKeys>1</MaxKeys><Delimiter>/</Delimiter><IsTruncated>true</IsTruncated><CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes></ListBucketResult>
            """), answer.Text);
        // Without a delimiter, the last key is the marker.
        Assert.Matches(Exactly($"""
            <?xml version="1.0" encoding="utf-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{bucket}</Name><Prefix></Prefix><Marker>a/2</Marker>
            <MaxKeys>1</MaxKeys><IsTruncated>true</IsTruncated>
            <Contents><Key>b</Key><LastModified>DATE</LastModified><ETag>"92eb5ffee6ae2fec3ad71c777531578f"</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>
            <Size>1</Size><Owner><ID>OWNER</ID></Owner><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>
            """), (await ListAsync(bucket, ("marker", "a/2"), ("max-keys", "1"))).Text);
    }

    /// <summary>The keys, the page size and the marker of a recording of S3: a marker within a common prefix passes all of it over, whoever made the marker up.</summary>
    [Theory]
    [InlineData("", "folder/aSubfolder/")]
    [InlineData("folder/aSubfolder/", "folder/file1")]
    [InlineData("folder/aSubfolder/subFile1", "folder/file1")]
    [InlineData("folder/file1", "folder/file2")]
    [InlineData("folder/file2", "")]
    public async Task What_comes_behind_a_marker_is(string marker, string expected)
    {
        var bucket = await FilledAsync("folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2");
        foreach (var position in (string[])["marker", "start-after"])
        {
            var answer = Document(await ListAsync(bucket, ("list-type", position == "marker" ? "1" : "2"), ("prefix", "folder/"), ("delimiter", "/"), ("max-keys", "1"), (position, marker)));
            Assert.Equal(expected, string.Concat(Names(answer)));
            Assert.Equal(expected is not ("folder/file2" or ""), (bool)answer.Element(S3 + "IsTruncated")!);
        }
    }

    [Theory]
    [InlineData("max-keys=-1", "Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys", "-1")]
    [InlineData("max-keys=abc&encoding-type=x", "Provided max-keys not an integer or within integer range", "max-keys", "abc")]
    [InlineData("max-keys=2147483648", "Provided max-keys not an integer or within integer range", "max-keys", "2147483648")]
    [InlineData("encoding-type=base64&max-keys=-1", "Invalid Encoding Method specified in Request", "encoding-type", "base64")]
    [InlineData("list-type=2&continuation-token=garbage&max-keys=-1", "The continuation token provided is incorrect", "continuation-token", null)]
    [InlineData("list-type=2&continuation-token=", "The continuation token provided is incorrect", "continuation-token", null)]
    [InlineData("list-type=2&marker=a", "Marker unsupported with REST.GET.BUCKET in list-type=2", "marker", null)]
    [InlineData("start-after=a&continuation-token=b", "continuation-token only supported in REST.GET.BUCKET with list-type=2", "continuation-token", null)]
    [InlineData("start-after=a", "startAfter only supported in REST.GET.BUCKET with list-type=2", "start-after", null)]
    public async Task A_wrong_parameter_is_refused_in_S3s_words(string query, string message, string argument, string? value)
    {
        var bucket = await service.NewBucketAsync();
        var refused = await ListAsync(bucket, [.. query.Split('&').Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))]);
        refused.MustBeError(400, "InvalidArgument", message);
        Assert.Equal((argument, value), (refused.ErrorField("ArgumentName"), refused.ErrorField("ArgumentValue")));
    }

    [Fact]
    public async Task A_token_is_good_in_its_own_bucket_only()
    {
        var (bucket, other) = (await FilledAsync("a", "b"), await FilledAsync("a", "b"));
        var token = Document(await ListAsync(bucket, ("list-type", "2"), ("max-keys", "1"))).Element(S3 + "NextContinuationToken")!.Value;
        Assert.Equal(["b"], Names(Document(await ListAsync(bucket, ("list-type", "2"), ("continuation-token", token)))));
        (await ListAsync(other, ("list-type", "2"), ("continuation-token", token))).MustBeError(400, "InvalidArgument", "The continuation token provided is incorrect");
        (await service.Http.SendAsync(new RawRequest("GET", "/no-such-bucket-here"))).MustBeError(404, "NoSuchBucket", "The specified bucket does not exist");
    }

    [Fact]
    public async Task A_page_of_no_keys_is_empty_and_the_last_one()
    {
        var bucket = await FilledAsync("a", "b");
        var answer = Document(await ListAsync(bucket, ("list-type", "2"), ("max-keys", "0")));
        Assert.Equal(("0", "0", "false"), (answer.Element(S3 + "MaxKeys")!.Value, answer.Element(S3 + "KeyCount")!.Value, answer.Element(S3 + "IsTruncated")!.Value));
        Assert.Empty(Names(answer));
    }

    [Fact]
    public async Task Awkward_keys_are_listed_in_the_order_of_their_UTF8_bytes_encoded_and_not()
    {
        var bucket = await FilledAsync(Awkward);
        var sorted = Awkward.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal).ToList();
        var encoded = Document(await ListAsync(bucket, ("list-type", "2"), ("encoding-type", "url")));
        Assert.Equal(sorted, Names(encoded).Select(WebUtility.UrlDecode));

        // As S3 does, references to characters that XML 1.0 has not, which lenient parsers take.
        var plain = (await ListAsync(bucket, ("list-type", "2"))).MustBe(HttpStatusCode.OK);
        Assert.Contains("<Key>&#x1;</Key>", plain.Text, StringComparison.Ordinal);
        Assert.Contains("<Key>&#xFFFE;</Key>", plain.Text, StringComparison.Ordinal);
        Assert.Contains("<Key>carriage&#xD;return</Key>", plain.Text, StringComparison.Ordinal);
        using var lenient = System.Xml.XmlReader.Create(new StringReader(plain.Text), new() { CheckCharacters = false });
        Assert.Equal(sorted, Names(XElement.Load(lenient)));
    }

    [Fact]
    public async Task An_objects_size_is_that_of_its_plaintext_in_every_mode_and_above_what_is_stored_in_one_piece()
    {
        var bucket = await service.NewBucketAsync();
        var key = CustomerKey.New();
        foreach (var (name, headers) in new (string, (string, string)[])[]
        {
            ("s3", []), ("kms", [("x-amz-server-side-encryption", "aws:kms")]), ("dsse", [("x-amz-server-side-encryption", "aws:kms:dsse")]), ("customer", key.Headers),
        })
        {
            (await service.Https.SendAsync(RawRequest.Put(bucket, name, TestData.Bytes(20_000), [.. headers, ("x-amz-sdk-checksum-algorithm", "SHA256"), ("x-amz-checksum-sha256",
                Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(TestData.Bytes(20_000))))]))).MustBe(HttpStatusCode.OK);
        }
        (await service.Http.SendAsync(RawRequest.Put(bucket, "zlarge", TestData.Bytes(9 * TestData.Mebibyte)))).MustBe(HttpStatusCode.OK);
        foreach (var listed in (await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects)
        {
            var head = await service.S3OverTls.GetObjectMetadataAsync(listed.Key == "customer"
                ? new() { BucketName = bucket, Key = listed.Key, ServerSideEncryptionCustomerMethod = Amazon.S3.ServerSideEncryptionCustomerMethod.AES256, ServerSideEncryptionCustomerProvidedKey = key.Base64 }
                : new GetObjectMetadataRequest { BucketName = bucket, Key = listed.Key });
            Assert.Equal((head.ContentLength, head.ETag, head.LastModified), (listed.Size, listed.ETag, listed.LastModified));
            Assert.Equal(listed.Key == "zlarge" ? "CRC64NVME" : "SHA256", Assert.Single(listed.ChecksumAlgorithm));
        }
    }

    /// <summary>A blob that is none of the service's, and one whose metadata were cut: neither hides the others, and both can be deleted.</summary>
    [Fact]
    public async Task A_damaged_object_is_listed_so_that_it_can_be_deleted()
    {
        var bucket = await FilledAsync("whole");
        var container = service.Blobs.GetBlobContainers().Single(item => item.Name.StartsWith(bucket, StringComparison.Ordinal)).Name;
        await service.Blobs.GetBlobContainerClient(container).UploadBlobAsync("damaged", BinaryData.FromString("x"));
        var listed = (await service.S3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects;
        Assert.Equal(["damaged", "whole"], listed.Select(found => found.Key));
        foreach (var found in listed) await service.S3.DeleteObjectAsync(bucket, found.Key);
        await service.S3.DeleteBucketAsync(bucket);
    }

    [Theory]
    [InlineData("", "", 7)]
    [InlineData("", "/", 3)]
    [InlineData("dir", "/", 1)]
    [InlineData("dir-1/", "", 4)]
    [InlineData("", "-", 2)]
    [InlineData("", "/file-1", 5)]
    [InlineData("nothing", "/", 5)]
    public async Task The_SDKs_paginators_give_every_entry_once(string prefix, string delimiter, int pageSize)
    {
        var keys = Enumerable.Range(0, 4).SelectMany(i => Enumerable.Range(0, 12).Select(j => $"dir-{i}/file-{j}")).Concat(["dir", "top", "with space/x"]).ToArray();
        var bucket = await FilledAsync(keys);
        var expected = keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => delimiter.Length > 0 && key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) is >= 0 and var at ? key[..(at + delimiter.Length)] : key)
            .Distinct().Order(StringComparer.Ordinal).ToList();

        var (v2, v1) = (new List<string>(), new List<string>());
        await foreach (var page in service.S3.Paginators.ListObjectsV2(new() { BucketName = bucket, Prefix = prefix, Delimiter = delimiter, MaxKeys = pageSize }).Responses)
        {
            Assert.True(page.KeyCount <= pageSize);
            v2.AddRange([.. page.S3Objects?.Select(found => found.Key) ?? [], .. page.CommonPrefixes ?? []]);
        }
        await foreach (var page in service.S3.Paginators.ListObjects(new() { BucketName = bucket, Prefix = prefix, Delimiter = delimiter, MaxKeys = pageSize }).Responses)
            v1.AddRange([.. page.S3Objects?.Select(found => found.Key) ?? [], .. page.CommonPrefixes ?? []]);
        Assert.Equal(expected, v2.Order(StringComparer.Ordinal));
        Assert.Equal(expected, v1.Order(StringComparer.Ordinal));
    }

    private async Task<string> FilledAsync(params string[] keys)
    {
        var bucket = await service.NewBucketAsync();
        foreach (var key in keys) (await service.Http.SendAsync(RawRequest.Put(bucket, key, Encoding.UTF8.GetBytes(key)))).MustBe(HttpStatusCode.OK);
        return bucket;
    }

    private Task<RawAnswer> ListAsync(string bucket, params (string Name, string Value)[] query) => service.Http.SendAsync(new RawRequest("GET", $"/{bucket}") { Query = query });

    private static XElement Document(RawAnswer answer) => XElement.Parse(answer.MustBe(HttpStatusCode.OK).Text);

    private static IEnumerable<string> Names(XElement listing) =>
        listing.Elements(S3 + "Contents").Select(contents => contents.Element(S3 + "Key")!.Value).Concat(listing.Elements(S3 + "CommonPrefixes").Select(prefix => prefix.Value));

    /// <summary>The document in lines, with what differs from run to run named.</summary>
    private static string Exactly(string document) =>
        $"^{Regex.Escape(LineBreak().Replace(document, "")).Replace("DATE", @"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", StringComparison.Ordinal).Replace("OWNER", "[0-9a-f]{64}", StringComparison.Ordinal)}$";

    [GeneratedRegex("\r?\n")]
    private static partial Regex LineBreak();
}
