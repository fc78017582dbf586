using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Serverless.Access;
using Serverless.Objects.Acls;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tests.Acls;

public class RequestedAclTests
{
    private const string Owner = "OWNER";

    [Theory]
    [InlineData(null, null)]
    [InlineData("bucket-owner-full-control", null)]
    [InlineData("private", null)]
    [InlineData("bucket-owner-read", null)]
    [InlineData("public-read", "refused")]
    [InlineData("public-read-write", "refused")]
    [InlineData("authenticated-read", "refused")]
    [InlineData("log-delivery-write", "refused")]
    [InlineData("public-ready", "InvalidArgument")]
    [InlineData("", "InvalidArgument")]
    public void What_gives_nobody_else_anything_is_taken(string? canned, string? code)
    {
        Assert.Equal(code?.Replace("refused", "AccessControlListNotSupported", StringComparison.Ordinal), Code(() => RequestedAcl.Judge(Headers(canned))));
        Assert.Equal(code?.Replace("refused", "InvalidBucketAclWithObjectOwnership", StringComparison.Ordinal), Code(() => RequestedAcl.JudgeForNewBucket(Headers(canned))));
    }

    [Theory]
    [InlineData("x-amz-grant-read")]
    [InlineData("x-amz-grant-write")]
    [InlineData("X-Amz-Grant-Full-Control")]
    public void Grants_in_headers_are_refused(string header)
    {
        var headers = new HeaderDictionary { [header] = "id=\"owner\"" };
        Assert.Equal("AccessControlListNotSupported", Code(() => RequestedAcl.Judge(headers)));
        Assert.Equal("InvalidBucketAclWithObjectOwnership", Code(() => RequestedAcl.JudgeForNewBucket(headers)));
        headers["x-amz-acl"] = "bucket-owner-full-control";
        Assert.Equal("InvalidRequest", Code(() => RequestedAcl.Judge(headers)));
        Assert.Equal("InvalidRequest", Code(() => RequestedAcl.JudgeForNewBucket(headers)));
    }

    [Fact]
    public void The_ACL_that_is_answered_is_the_one_that_is_taken()
    {
        var document = OwnersAcl.Write(S3Requests.Account);
        Assert.True(OwnersAcl.IsIn(document, S3Requests.Account));
        Assert.False(OwnersAcl.IsIn(document, "999999999999"));
    }

    [Theory]
    [InlineData("<AccessControlList><Grant><Grantee><ID>OWNER</ID><DisplayName>any</DisplayName></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>", true)]
    [InlineData("<Owner><ID>another</ID></Owner><AccessControlList><Grant><Grantee><ID>OWNER</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>", false)]
    [InlineData("<AccessControlList/>", false)]
    [InlineData("<AccessControlList><Grant><Grantee><ID>OWNER</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList>", false)]
    [InlineData("<AccessControlList><Grant><Grantee><ID>another</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>", false)]
    [InlineData("<AccessControlList><Grant><Grantee><ID>OWNER</ID><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>", false)]
    [InlineData("<AccessControlList><Grant><Grantee><ID>OWNER</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant><Grant><Grantee><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList>", false)]
    public void A_document_is_the_same_ACL_or_another(string content, bool same) => Assert.Equal(same, OwnersAcl.IsIn(Policy(content), S3Requests.Account));

    [Theory]
    [InlineData("")]
    [InlineData("<Owner><ID>OWNER</ID></Owner>")]
    [InlineData("<AccessControlList><Other/></AccessControlList>")]
    [InlineData("<AccessControlList><Grant><Grantee><ID>OWNER</ID></Grantee></Grant></AccessControlList>")]
    [InlineData("<AccessControlList><Grant><Permission>READ</Permission></Grant></AccessControlList>")]
    [InlineData("<AccessControlList><Grant><Grantee><ID>OWNER</ID></Grantee><Permission>EVERYTHING</Permission></Grant></AccessControlList>")]
    public void A_document_that_is_no_ACL_is_malformed(string content) => Assert.Equal("MalformedACLError", Code(() => OwnersAcl.IsIn(Policy(content), S3Requests.Account)));

    private static XElement Policy(string content) =>
        XElement.Parse($"<AccessControlPolicy>{content.Replace(Owner + "<", CanonicalUser.IdOf(S3Requests.Account) + "<", StringComparison.Ordinal)}</AccessControlPolicy>");

    private static string? Code(Action act) => (Record.Exception(act) as S3Exception)?.Error.Code;

    private static HeaderDictionary Headers(string? canned) => canned is null ? [] : new() { ["x-amz-acl"] = canned };
}
