using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;

namespace Serverless.Objects.Operations;

/// <summary>GetPublicAccessBlock, PutPublicAccessBlock and DeletePublicAccessBlock (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html).</summary>
public sealed class PublicAccessBlockOperations(BucketChanges changes)
{
    private const string Root = "PublicAccessBlockConfiguration";
    private const int MaxSize = 64 * 1024;

    /// <summary>In the order in which S3 answers them.</summary>
    private static readonly PublicAccessBlocks[] Settings =
    [
        PublicAccessBlocks.BlockPublicAcls, PublicAccessBlocks.IgnorePublicAcls, PublicAccessBlocks.BlockPublicPolicy, PublicAccessBlocks.RestrictPublicBuckets,
    ];

    private static readonly string[] Names = Array.ConvertAll(Settings, setting => setting.ToString());

    public static Task GetAsync(S3Request request, Bucket bucket) => bucket.PublicAccessBlock is { } blocks
        ? S3Xml.WriteAsync(request.Response, new XElement(S3Xml.Namespace + Root,
            Settings.Select(setting => new XElement(S3Xml.Namespace + setting.ToString(), blocks.HasFlag(setting)))), request.Aborted)
        : throw new S3Exception(S3Errors.NoSuchPublicAccessBlockConfiguration(bucket.Name));

    public async Task PutAsync(BucketChange change, Bucket bucket)
    {
        var blocks = Read(await DocumentBody.ReadAsync(change.Request, MaxSize, S3Errors.MalformedXml).ConfigureAwait(false));
        change.Parameters[Root] = new JsonObject(Settings.Select(setting => KeyValuePair.Create<string, JsonNode?>(setting.ToString(), blocks.HasFlag(setting))));
        await changes.ApplyAsync(change, bucket, current => current with { PublicAccessBlock = blocks }).ConfigureAwait(false);
    }

    public async Task DeleteAsync(BucketChange change, Bucket bucket)
    {
        await changes.ApplyAsync(change, bucket, current => current with { PublicAccessBlock = null }).ConfigureAwait(false);
        change.Request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Each setting at most once; one that is left out is off.</summary>
    /// <exception cref="S3Exception">MalformedXML.</exception>
    private static PublicAccessBlocks Read(ReadOnlyMemory<byte> body)
    {
        if (S3Xml.Parse(body) is not { Name.LocalName: Root } document) throw new S3Exception(S3Errors.MalformedXml);
        var members = S3Xml.Members(document, Names);
        var blocks = PublicAccessBlocks.None;
        foreach (var setting in Settings)
        {
            if (S3Xml.OptionalText(members, setting.ToString()) is not { } text) continue;
            if (!bool.TryParse(text, out var on)) throw new S3Exception(S3Errors.MalformedXml);
            if (on) blocks |= setting;
        }
        return blocks;
    }
}
