using System.Text;

namespace Serverless.EndToEnd.Clients;

/// <summary>The requests about an object's or a bucket's tags.</summary>
internal static class TaggingRequest
{
    public static RawRequest Get(string target) => new("GET", $"/{target}") { Query = [("tagging", "")] };

    public static RawRequest Delete(string target) => new("DELETE", $"/{target}") { Query = [("tagging", "")] };

    public static RawRequest Put(string target, params (string Key, string Value)[] tags) => Put(target, Document(tags));

    public static RawRequest Put(string target, string document) => new("PUT", $"/{target}") { Query = [("tagging", "")], Body = Encoding.UTF8.GetBytes(document) };

    public static string Document(params (string Key, string Value)[] tags) =>
        $"<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet>{string.Concat(tags.Select(tag => $"<Tag><Key>{tag.Key}</Key><Value>{tag.Value}</Value></Tag>"))}</TagSet></Tagging>";
}
