using System.Text;
using CsCheck;

namespace Serverless.Access.Tests.Forms;

public sealed class PostPolicyTests
{
    private const string Bucket = "demo";
    private static readonly DateTimeOffset Now = new(2026, 3, 5, 9, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string> Leaf = Choice.Of("1", "-1", "1.5", "null", "true", "\"\"", "\"$key\"", "\"eq\"", "\"starts-with\"", "\"content-length-range\"", "\"a\"", "\"\\ud800\"", "\"2030-01-01T00:00:00Z\"");

    private static readonly Gen<string> Condition = ListsOf(Gen.OneOf(Leaf, ListsOf(Leaf)));

    private static readonly Gen<string> Json = Gen.OneOf(Leaf, ListsOf(Condition), Condition);

    private static Gen<string> ListsOf(Gen<string> items) => Gen.Select(items.Array[0, 4], Gen.Bool).Select((parts, isObject) => isObject
        ? "{" + string.Join(',', parts.Select((part, i) => $"\"key{i}\":{part}")) + "}" : $"[{string.Join(',', parts)}]");

    public static TheoryData<string, string> Malformed() => new()
    {
        { "", "Invalid JSON." },
        { "expiration", "Invalid JSON." },
        { "[]", "Invalid JSON." },
        { "{\"expiration\":\"2030-01-01T00:00:00Z\",\"conditions\":[],}", "Invalid JSON." },
        { "{\"expiration\":\"2030-01-01T00:00:00Z\",\"expiration\":\"2031-01-01T00:00:00Z\",\"conditions\":[]}", "Invalid JSON." },
        { "{\"conditions\":[]}", "Policy missing expiration." },
        { "{\"expiration\":\"2030-01-01T00:00:00Z\"}", "Policy missing conditions." },
        { "{\"EXPIRATION\":\"2030-01-01T00:00:00Z\",\"conditions\":[]}", "Unexpected: 'expiration'" },
        { "{\"expiration\":\"2030-01-01T00:00:00Z\",\"CONDITIONS\":[]}", "Unexpected: 'conditions'" },
        { "{\"Version\":\"2012-10-17\",\"Statement\":[]}", "Unexpected: 'version'" },
        { "{\"expiration\":\"2030-01-01T00:00:00Z\",\"conditions\":{}}", "Invalid 'conditions' value: must be a List." },
        { "{\"expiration\":\"2030-01-01 00:00:00 UTC\",\"conditions\":[]}", "Invalid 'expiration' value: '2030-01-01 00:00:00 UTC'" },
        { "{\"expiration\":\"2030-01-01T00:00:00+02:00\",\"conditions\":[]}", "Invalid 'expiration' value: '2030-01-01T00:00:00+02:00'" },
        { "{\"expiration\":\"2030-02-30T00:00:00Z\",\"conditions\":[]}", "Invalid 'expiration' value: '2030-02-30T00:00:00Z'" },
        { "{\"expiration\":1893456000,\"conditions\":[]}", "Invalid 'expiration' value: '1893456000'" },
    };

    public static TheoryData<string, string> MalformedConditions() => new()
    {
        { "{}", "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified." },
        { "{\"acl\":\"private\",\"key\":\"k\"}", "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified." },
        { "{\"Content-Length\":6199034}", "Invalid Simple-Condition: value must be a string." },
        { "{\"success_action_redirect\":null}", "Invalid JSON." },
        { "{\"key\":\"\\ud800\"}", "Invalid JSON." },
        { "\"bucket\"", "Invalid condition test: must be a List or Object." },
        { "[]", "Invalid Condition: missing operation identifier." },
        { "[1,\"$key\",\"k\"]", "Invalid Condition: missing operation identifier." },
        { "[\"ends-with\",\"$key\",\"k\"]", "Invalid Condition: unknown operation 'ends-with'." },
        { "[\"eq\",\"$key\"]", "Invalid eq: wrong number of arguments." },
        { "[\"eq\",\"$key\",\"k\",\"l\"]", "Invalid eq: wrong number of arguments." },
        { "[\"eq\",\"$key\",1]", "Invalid JSON." },
        { "[\"eq\",[],\"k\"]", "Invalid JSON." },
        { "[\"content-length-range\",0]", "Invalid content-length-range: wrong number of arguments." },
        { "[\"content-length-range\",0,512.0]", "Invalid JSON." },
        { "[\"content-length-range\",0,1e3]", "Invalid JSON." },
        { "[\"content-length-range\",0,99999999999999999999]", "Invalid JSON." },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_policy_that_is_none_is_refused(string json, string detail) =>
        Assert.Equal(FormErrors.InvalidPolicy(detail), Refusal(() => PostPolicy.Parse(Base64(json))), Same);

    [Theory]
    [MemberData(nameof(MalformedConditions))]
    public void A_condition_that_is_none_is_refused(string condition, string detail) =>
        Assert.Equal(FormErrors.InvalidPolicy(detail), Refusal(() => Policy(condition)), Same);

    [Fact]
    public void What_is_no_base64_or_no_text_is_no_policy()
    {
        Assert.Equal(FormErrors.InvalidPolicy("invalid Base64 encoding."), Refusal(() => PostPolicy.Parse("{policy}")), Same);
        Assert.Equal(FormErrors.InvalidJson, Refusal(() => PostPolicy.Parse(Convert.ToBase64String([0x22, 0xFF, 0x22]))), Same);
    }

    [Theory]
    [InlineData("2026-03-05T09:00:01Z", true)]
    [InlineData("2026-03-05T09:00:00.001Z", true)]
    [InlineData("2026-03-05T09:00:00Z", false)]
    [InlineData("2026-03-05T08:59:59.999Z", false)]
    public void A_policy_is_good_until_its_expiration(string expiration, bool good)
    {
        var policy = PostPolicy.Parse(Base64($$"""{"expiration":"{{expiration}}","conditions":[{"bucket":"demo"}]}"""));
        if (good) policy.Judge(new(), Bucket, Now);
        else Assert.Equal(FormErrors.PolicyExpired, Refusal(() => policy.Judge(new(), Bucket, Now)), Same);
    }

    [Theory]
    [InlineData("{\"acl\":\"private\"}", "acl=private", null)]
    [InlineData("[\"eq\",\"$acl\",\"private\"]", "ACL=private", null)]
    [InlineData("[\"EQ\",\"$aCl\",\"private\"]", "acl=private", null)]
    [InlineData("{\"acl\":\"private\"}", "acl=Private", "[\"eq\", \"$acl\", \"private\"]")]
    [InlineData("{\"Acl\":\"private\"}", "", "[\"eq\", \"$Acl\", \"private\"]")]
    [InlineData("[\"eq\",\"acl\",\"private\"]", "acl=private", "[\"eq\", \"acl\", \"private\"]")]
    [InlineData("[\"eq\",\"$x\",\"a\\\"b\\\\\"]", "x=c", "[\"eq\", \"$x\", \"a\\\"b\\\\\"]")]
    [InlineData("[\"starts-with\",\"$key\",\"user/\"]", "key=user/photo.jpg", null)]
    [InlineData("[\"starts-with\",\"$key\",\"user/\"]", "key=/user/photo.jpg", "[\"starts-with\", \"$key\", \"user/\"]")]
    [InlineData("[\"StArTs-WiTh\",\"$KeY\",\"User/\"]", "key=user/photo.jpg", "[\"StArTs-WiTh\", \"$KeY\", \"User/\"]")]
    [InlineData("[\"starts-with\",\"$key\",\"\"]", "key=", null)]
    [InlineData("[\"starts-with\",\"$Content-Type\",\"\"]", "", "[\"starts-with\", \"$Content-Type\", \"\"]")]
    [InlineData("[\"starts-with\",\"$Content-Type\",\"image/\"]", "Content-Type=image/png, image/gif", null)]
    [InlineData("[\"starts-with\",\"$Content-Type\",\"image/\"]", "Content-Type=image/png,text/html", "[\"starts-with\", \"$Content-Type\", \"image/\"]")]
    [InlineData("[\"starts-with\",\"$x-amz-meta-a\",\"image/\"]", "x-amz-meta-a=image/png,text/html", null)]
    [InlineData("[\"content-length-range\",\"test\",\"10\"]", "", "[\"content-length-range\", \"test\", \"10\"]")]
    // Fields of one name are one, however it is written.
    [InlineData("{\"key\":\"a\"}", "key=a&KEY=b", "[\"eq\", \"$key\", \"a\"]")]
    [InlineData("{\"x-amz-meta-tag\":\"Ninja,Stallman\"}", "x-amz-meta-tag=Ninja&X-Amz-Meta-Tag=Stallman", null)]
    // The bucket is that of the request, whatever the form says.
    [InlineData("{\"bucket\":\"other\"}", "bucket=other", "[\"eq\", \"$bucket\", \"other\"]")]
    // A customer's key is not shown.
    [InlineData("{\"x-amz-server-side-encryption-customer-key\":\"secret\"}", "", "[\"eq\", \"$x-amz-server-side-encryption-customer-key\", \"...\"]")]
    public void A_condition_holds_or_is_named(string condition, string fields, string? failed)
    {
        var policy = Policy(condition);
        if (failed is null) policy.Judge(Fields(fields), Bucket, Now);
        else Assert.Equal(FormErrors.ConditionFailed(failed), Refusal(() => policy.Judge(Fields(fields), Bucket, Now)), Same);
    }

    [Theory]
    [InlineData("key=k", "")]
    [InlineData("key=k&x-ignore-me=1&X-Ignore-Too=2&policy=p&x-amz-signature=s&bucket=demo", "")]
    [InlineData("key=k&Filename=f", "Filename")]
    [InlineData("key=k&x-amz-date=1&x-amz-checksum-sha256=c", "x-amz-date, x-amz-checksum-sha256")]
    public void Every_field_must_be_in_a_condition_but_those_that_need_not(string fields, string extra)
    {
        var policy = Policy("""{"KEY":"k"}""");
        if (extra.Length == 0) policy.Judge(Fields(fields), Bucket, Now);
        else Assert.Equal($"Invalid according to Policy: Extra input fields: {extra}", Refusal(() => policy.Judge(Fields(fields), Bucket, Now)).Message);
    }

    [Fact]
    public void The_bucket_must_be_in_a_condition_though_it_is_no_field() => Assert.Equal("Invalid according to Policy: Extra input fields: bucket",
        Refusal(() => PostPolicy.Parse(Base64("""{"expiration":"2030-01-01T00:00:00Z","conditions":[]}""")).Judge(new(), Bucket, Now)).Message);

    [Fact]
    public void Of_several_ranges_all_count()
    {
        var policy = Policy("""["content-length-range",5,"100"],["content-length-range","1",10]""");
        Assert.Equal((5, 10), (policy.LeastLength, policy.MostLength));
        Assert.Equal((0, long.MaxValue), (Policy("""{"key":"k"}""").LeastLength, Policy("""{"key":"k"}""").MostLength));
    }

    [Theory]
    [InlineData("photo.jpg", "a/photo.jpg/photo.jpg")]
    [InlineData("C:\\Users\\mary\\photo.jpg", "a/photo.jpg/photo.jpg")]
    [InlineData("../../etc/passwd", "a/passwd/passwd")]
    [InlineData("..", "a/../..")]
    [InlineData("", "a//")]
    [InlineData("${filename}", "a/${filename}/${filename}")]
    [InlineData(null, "a/${filename}/${filename}")]
    public void The_files_name_without_its_path_stands_in_its_place(string? fileName, string expected)
    {
        var fields = Fields("key=a/${filename}/${filename}").WithFileName(fileName);
        Assert.Equal(expected, fields.Find("KEY"));
    }

    [Fact]
    public void Whatever_a_policy_is_it_is_taken_or_refused() =>
        Gen.Select(Choice.Of("expiration", "conditions", "x"), Json).Array[0, 3].Sample(members =>
        {
            var json = "{" + string.Join(',', members.Select(member => $"\"{member.Item1}\":{member.Item2}")) + "}";
            try
            {
                PostPolicy.Parse(Base64(json)).Judge(Fields("key=a&acl=b"), Bucket, Now);
            }
            catch (AccessException refused)
            {
                Assert.Contains(refused.Error.Code, (string[])["InvalidPolicyDocument", "AccessDenied"]);
            }
        });

    private static PostPolicy Policy(string conditions) =>
        PostPolicy.Parse(Base64($$"""{"expiration":"2030-01-01T00:00:00.000Z","conditions":[["starts-with","$bucket",""],{{conditions}}]}"""));

    private static FormFields Fields(string text)
    {
        var fields = new FormFields();
        foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries)) fields.Add(pair.Split('=')[0], pair.Split('=')[1]);
        return fields;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static bool Same(AccessError expected, AccessError actual) => (expected.Code, expected.Status, expected.Message) == (actual.Code, actual.Status, actual.Message);

    private static AccessError Refusal(Action action) => Assert.Throws<AccessException>(action).Error;
}
