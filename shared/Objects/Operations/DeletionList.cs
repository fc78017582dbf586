using System.Xml.Linq;
using Serverless.Objects.Api;

namespace Serverless.Objects.Operations;

/// <summary>An object that a DeleteObjects names.</summary>
/// <param name="Key">Its key.</param>
/// <param name="VersionId">The version that is to go, or null.</param>
/// <param name="ETag">The ETag that it must have, or null.</param>
public sealed record ObjectToDelete(string Key, string? VersionId, string? ETag);

/// <summary>
/// The document of a DeleteObjects (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html). S3 holds it to its schema, whatever the namespace: between one and 1000 objects,
/// each with one key and at most a version and an ETag; nothing else, and nothing of directory buckets.
/// </summary>
/// <param name="Objects">In the document's order; a key may be there several times.</param>
/// <param name="IsQuiet">Whether only failures are answered.</param>
public sealed record DeletionList(IReadOnlyList<ObjectToDelete> Objects, bool IsQuiet)
{
    private const int MaxObjects = 1000;

    /// <exception cref="S3Exception">MalformedXML; UserKeyMustBeSpecified for a key of no characters.</exception>
    public static DeletionList Parse(XElement document)
    {
        var objects = document.Elements().Where(element => element.Name.LocalName == "Object").ToList();
        var quiet = document.Elements().Where(element => element.Name.LocalName == "Quiet").ToList();
        if (document.Name.LocalName != "Delete" || objects.Count is < 1 or > MaxObjects || quiet.Count > 1 || document.Elements().Count() != objects.Count + quiet.Count)
            throw new S3Exception(S3Errors.MalformedXml);
        var list = objects.ConvertAll(ParseObject);
        if (list.Exists(listed => listed.Key.Length == 0)) throw new S3Exception(S3Errors.UserKeyMustBeSpecified);
        return new(list, quiet is [{ Value: var value }] && value.Trim().Equals("true", StringComparison.OrdinalIgnoreCase));
    }

    private static ObjectToDelete ParseObject(XElement element)
    {
        var members = S3Xml.Members(element, "Key", "VersionId", "ETag");
        return new(S3Xml.Text(S3Xml.Required(members, "Key")), S3Xml.OptionalText(members, "VersionId"), S3Xml.OptionalText(members, "ETag"));
    }
}
