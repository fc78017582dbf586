using System.Xml.Linq;
using Serverless.Access;
using Serverless.Objects.Api;

namespace Serverless.Objects.Acls;

/// <summary>The one ACL that everything has: its owner, who is the bucket's, has full control (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html).</summary>
public static class OwnersAcl
{
    /// <summary>Far more than 100 grants take, which are the most that S3 knows.</summary>
    public const int MaxDocumentSize = 256 * 1024;

    private const string Root = "AccessControlPolicy";
    private const string Owner = "Owner";
    private const string List = "AccessControlList";
    private const string Grant = "Grant";
    private const string Grantee = "Grantee";
    private const string Id = "ID";
    private const string DisplayName = "DisplayName";
    private const string Uri = "URI";
    private const string EmailAddress = "EmailAddress";
    private const string Permission = "Permission";
    private const string FullControl = "FULL_CONTROL";

    private static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";
    private static readonly string[] Permissions = [FullControl, "WRITE", "WRITE_ACP", "READ", "READ_ACP"];

    public static XElement Write(string accountId)
    {
        var id = S3Xml.Element(Id, CanonicalUser.IdOf(accountId));
        return S3Xml.Element(Root, S3Xml.Element(Owner, id),
            S3Xml.Element(List, S3Xml.Element(Grant,
                S3Xml.Element(Grantee, new XAttribute(XNamespace.Xmlns + "xsi", Instance), new XAttribute(Instance + "type", "CanonicalUser"), id),
                S3Xml.Element(Permission, FullControl))));
    }

    /// <summary>Whether a document says the same, however often.</summary>
    /// <exception cref="S3Exception">MalformedACLError: it is no ACL.</exception>
    public static bool IsIn(XElement document, string accountId)
    {
        if (document.Name.LocalName != Root) throw new S3Exception(AclErrors.Malformed);
        try
        {
            var id = CanonicalUser.IdOf(accountId);
            var members = S3Xml.Members(document, Owner, List);
            var isOwners = !members.TryGetValue(Owner, out var owner) || IdIn(S3Xml.Members(owner, Id, DisplayName)) == id;
            var grants = S3Xml.Items(S3Xml.Required(members, List), Grant).ConvertAll(ReadGrant);
            return isOwners && grants.Count > 0 && grants.TrueForAll(grant => grant == (id, FullControl));
        }
        catch (S3Exception e) when (e.Error == S3Errors.MalformedXml)
        {
            throw new S3Exception(AclErrors.Malformed);
        }
    }

    private static (string? GranteeId, string Permission) ReadGrant(XElement grant)
    {
        var members = S3Xml.Members(grant, Grantee, Permission);
        var permission = S3Xml.Text(S3Xml.Required(members, Permission));
        var grantee = S3Xml.Members(S3Xml.Required(members, Grantee), Id, DisplayName, Uri, EmailAddress);
        return Permissions.Contains(permission) ? (IdIn(grantee), permission) : throw new S3Exception(AclErrors.Malformed);
    }

    /// <summary>The canonical user that is named, by nothing else than the id.</summary>
    private static string? IdIn(Dictionary<string, XElement> named) =>
        named.ContainsKey(Uri) || named.ContainsKey(EmailAddress) ? null : named.TryGetValue(Id, out var id) ? S3Xml.Text(id) : null;
}
