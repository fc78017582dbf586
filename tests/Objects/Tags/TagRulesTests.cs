using System.Xml.Linq;
using Serverless.Objects.Api;
using Serverless.Objects.Tags;

namespace Serverless.Objects.Tests.Tags;

public class TagRulesTests
{
    [Theory]
    [InlineData("key", "value")]
    [InlineData("key", "")]
    [InlineData("Ключ 鍵 9½Ⅷ", "_.:/=+-@ ")]
    [InlineData("𐐀", "𐐨")]
    [InlineData("awsome", "aws:value")]
    public void Letters_numbers_spaces_and_some_symbols_are_taken(string key, string value) =>
        Assert.Equal([new(key, value)], TagRules.OfObject.Check([new(key, value)]));

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("a&b")]
    [InlineData("a\tb")]
    [InlineData("a\nb")]
    [InlineData("😀")]
    [InlineData("\uD800")]
    [InlineData("\0")]
    public void A_key_of_other_characters_or_of_none_is_refused(string key)
    {
        var refused = Refused(TagRules.OfObject, KeyValuePair.Create(key, "value"));
        Assert.Equal(("InvalidTag", 400, "The TagKey you have provided is invalid"), (refused.Code, refused.Status, refused.Message));
        Assert.Equal([new("TagKey", key)], refused.Fields);
    }

    [Fact]
    public void A_value_of_other_characters_is_refused_with_its_key()
    {
        var refused = Refused(TagRules.OfBucket, KeyValuePair.Create("Key1", "Val1,Val2"));
        Assert.Equal(("InvalidTag", "The TagValue you have provided is invalid"), (refused.Code, refused.Message));
        Assert.Equal([new("TagKey", "Key1"), new("TagValue", "Val1,Val2")], refused.Fields);
    }

    [Theory]
    [InlineData(128, 256, true)]
    [InlineData(129, 256, false)]
    [InlineData(128, 257, false)]
    public void Lengths_are_limited(int key, int value, bool taken)
    {
        var tag = KeyValuePair.Create(new string('k', key), new string('é', value));
        if (taken) Assert.Single(TagRules.OfObject.Check([tag]));
        else Assert.Equal("InvalidTag", Refused(TagRules.OfObject, tag).Code);
    }

    [Fact]
    public void An_object_has_10_tags_and_a_bucket_50()
    {
        foreach (var (rules, most, message) in ((TagRules, int, string)[])
            [(TagRules.OfObject, 10, "Object tags cannot be greater than 10"), (TagRules.OfBucket, 50, "Bucket tag count cannot be greater than 50"), (TagRules.OfNewBucket, 50, "Bucket tag count cannot be greater than 50")])
        {
            Assert.Equal(most, rules.Check(Several(most)).Count);
            var refused = Refused(rules, Several(most + 1));
            Assert.Equal(("BadRequest", 400, message), (refused.Code, refused.Status, refused.Message));
        }
    }

    [Theory]
    [InlineData("aws:prefixed")]
    [InlineData("AWS:prefixed")]
    public void A_reserved_key_is_refused_in_other_words_each_time(string key)
    {
        var tag = KeyValuePair.Create(key, "value");
        Assert.Equal("Your TagKey cannot be prefixed with aws:", Refused(TagRules.OfObject, tag).Message);
        Assert.Equal("System tags cannot be added/updated by requester", Refused(TagRules.OfBucket, tag).Message);
        Assert.StartsWith("User-defined tag keys can't start with \"aws:\".", Refused(TagRules.OfNewBucket, tag).Message, StringComparison.Ordinal);
        Assert.All([TagRules.OfObject, TagRules.OfBucket, TagRules.OfNewBucket], rules => Assert.Equal("InvalidTag", Refused(rules, tag).Code));
    }

    [Fact]
    public void A_key_is_there_once_and_case_counts()
    {
        var refused = Refused(TagRules.OfObject, new("Key1", "a"), new("Key1", "b"));
        Assert.Equal(("InvalidTag", "Cannot provide multiple Tags with the same key"), (refused.Code, refused.Message));
        Assert.Equal([new("TagKey", "Key1")], refused.Fields);
        Assert.Equal(["Key1", "key1"], TagRules.OfObject.Check([new("key1", "a"), new("Key1", "b")]).Keys);
    }

    [Fact]
    public void What_is_written_is_read()
    {
        KeyValuePair<string, string>[] tags = [new("a", ""), new("b c", "d=e"), new("ü", "鍵")];
        Assert.Equal(tags, TagSet.Read(TagSet.Write(tags), TagRules.OfObject));
        Assert.Empty(TagSet.Read(XElement.Parse("<Tagging><TagSet/></Tagging>"), TagRules.OfObject));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("<Tags/>")]
    [InlineData("<Tagging/>")]
    [InlineData("<Tagging><TagSet/><TagSet/></Tagging>")]
    [InlineData("<Tagging><TagSet><Other/></TagSet></Tagging>")]
    [InlineData("<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>")]
    [InlineData("<Tagging><TagSet><Tag><Value>a</Value></Tag></TagSet></Tagging>")]
    [InlineData("<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value><Value>c</Value></Tag></TagSet></Tagging>")]
    [InlineData("<Tagging><TagSet><Tag><Key><b/></Key><Value>b</Value></Tag></TagSet></Tagging>")]
    public void A_document_that_is_none_is_malformed(string? document) =>
        Assert.Equal(S3Errors.MalformedXml, Assert.Throws<S3Exception>(() => TagSet.Read(document is null ? null : XElement.Parse(document), TagRules.OfObject)).Error);

    private static KeyValuePair<string, string>[] Several(int count) => [.. Enumerable.Range(0, count).Select(i => KeyValuePair.Create($"key{i}", ""))];

    private static S3Error Refused(TagRules rules, params KeyValuePair<string, string>[] tags) => Assert.Throws<S3Exception>(() => rules.Check(tags)).Error;
}
