using System.Net;
using System.Text;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Versions;

/// <summary>Buckets with versions.</summary>
[CollectionDefinition(Name)]
public sealed class VersionsCollection : ICollectionFixture<ServiceFixture>
{
    public const string Name = "Versions";
}

internal static class VersionsService
{
    public static async Task<string> NewVersionedBucketAsync(this ServiceFixture service)
    {
        var bucket = await service.NewBucketAsync();
        await service.ConfigureAsync(bucket, "Enabled");
        return bucket;
    }

    public static async Task ConfigureAsync(this ServiceFixture service, string bucket, string status) =>
        (await service.Http.SendAsync(PutVersioning(bucket, $"<Status>{status}</Status>"))).MustBe(HttpStatusCode.OK);

    public static RawRequest PutVersioning(string bucket, string content) => new("PUT", $"/{bucket}")
    {
        Query = [("versioning", "")],
        Body = Encoding.UTF8.GetBytes($"<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</VersioningConfiguration>"),
    };
}
