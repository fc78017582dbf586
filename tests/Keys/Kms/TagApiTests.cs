using System.Text.Json.Nodes;

namespace Serverless.Keys.Tests;

/// <summary>TagResource, UntagResource and ListResourceTags.</summary>
public sealed class TagApiTests : IDisposable
{
    private readonly World _world = new();
    private readonly KmsClient _api;

    public TagApiTests() => _api = new KmsClient(_world, _world.NewInstance());

    [Fact]
    public async Task Tags_are_added_changed_and_removed_and_listed_by_key()
    {
        string id = await _api.CreateKeyAsync();
        Assert.Null(await TagAsync(id, ("b", "2"), ("ключ", "")));
        Assert.Null(await TagAsync(id, ("a", "1"), ("b", "3")));
        Assert.Equal([("a", "1"), ("b", "3"), ("ключ", "")], await AllAsync(id));
        Assert.Null(await UntagAsync(id, "b", "never there"));
        Assert.Equal([("a", "1"), ("ключ", "")], await AllAsync(id));
        Assert.Null(await UntagAsync(id));
        Assert.Equal(2, (await AllAsync(id)).Count);
    }

    [Fact]
    public async Task Tags_are_listed_in_pages()
    {
        string id = await _api.CreateKeyAsync();
        string[] keys = [.. Enumerable.Range(0, 50).Select(i => $"{(char)('а' + (i % 3))}{i:00}").Order(StringComparer.Ordinal)];
        await TagAsync(id, [.. keys.Select(key => (key, "v"))]);
        var listed = new List<string>();
        string? marker = null;
        do
        {
            JsonNode page = (await _api.AnswerAsync("ListResourceTags", new() { ["KeyId"] = id, ["Limit"] = 7, ["Marker"] = marker }))!;
            listed.AddRange(page["Tags"]!.AsArray().Select(tag => (string)tag!["TagKey"]!));
            marker = (string?)page["NextMarker"];
            Assert.Equal(marker is not null, (bool)page["Truncated"]!);
            // https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html: [\u0020-\u00FF]*
            Assert.All(marker ?? "", c => Assert.InRange(c, '\u0020', '\u00ff'));
        }
        while (marker is not null);
        Assert.Equal(keys, listed);
        Assert.Equal("InvalidMarkerException", (await _api.CallAsync("ListResourceTags", new() { ["KeyId"] = id, ["Marker"] = "?" })).ErrorCode);
        Assert.Equal("ValidationException", (await _api.CallAsync("ListResourceTags", new() { ["KeyId"] = id, ["Limit"] = 51 })).ErrorCode);
    }

    [Fact]
    public async Task A_key_has_50_tags_at_most()
    {
        string id = await _api.CreateKeyAsync();
        await TagAsync(id, [.. Enumerable.Range(0, 49).Select(i => ($"{i}", "v"))]);
        await TagAsync(id, ("0", "another"), ("49", "v"));
        Assert.Equal(("TagException", "Too many tags"), Error(await TryTagAsync(id, ("50", "v"))));
        Assert.Equal(50, (await AllAsync(id)).Count);
    }

    [Theory]
    [InlineData("""{}""", "ValidationException", "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"Tags":[{"TagValue":"v"}]}""", "ValidationException", "1 validation error detected: Value null at 'tags.1.member.tagKey' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"Tags":["a"]}""", "SerializationException", "Tags is not of the type that the operation takes.")]
    [InlineData("""{"Tags":[{"TagKey":"a","TagValue":"v\n"}]}""", "ValidationException", "1 validation error detected: Value 'v\n' at 'tags.1.member.tagValue' failed to satisfy constraint: Member must satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$")]
    [InlineData("""{"Tags":[{"TagKey":"a\n","TagValue":"v"}]}""", "ValidationException", "1 validation error detected: Value 'a\n' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$")]
    [InlineData("""{"Tags":[{"TagKey":"aws:a","TagValue":"v"}]}""", "TagException", "Tags beginning with aws: are reserved")]
    [InlineData("""{"Tags":[{"TagKey":"a","TagValue":"v"},{"TagKey":"a","TagValue":"v"}]}""", "TagException", "Duplicate tag keys")]
    public async Task What_is_no_tag_is_refused(string members, string code, string message)
    {
        JsonObject request = JsonNode.Parse(members)!.AsObject();
        request["KeyId"] = await _api.CreateKeyAsync();
        Assert.Equal((code, message), Error(await _api.CallAsync("TagResource", request)));
    }

    [Theory]
    [InlineData("""{}""", "ValidationException", "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"TagKeys":["a",""]}""", "ValidationException", "1 validation error detected: Value '' at 'tagKeys.2.member' failed to satisfy constraint: Member must have length greater than or equal to 1")]
    [InlineData("""{"TagKeys":["AWS:a"]}""", "TagException", "Tags beginning with aws: are reserved")]
    public async Task What_is_no_key_of_a_tag_is_refused(string members, string code, string message)
    {
        JsonObject request = JsonNode.Parse(members)!.AsObject();
        request["KeyId"] = await _api.CreateKeyAsync();
        Assert.Equal((code, message), Error(await _api.CallAsync("UntagResource", request)));
    }

    [Fact]
    public async Task A_change_of_tags_is_on_the_trail_with_what_it_was()
    {
        string id = await _api.CreateKeyAsync();
        await TagAsync(id, ("a", "1"));
        Assert.Equal($$"""{"tags":[{"tagKey":"a","tagValue":"1"}],"keyId":"{{id}}"}""", _world.Trail.Last.RequestParameters!.ToJsonString());
        Assert.False(_world.Trail.Last.ReadOnly);
        await UntagAsync(id, "a");
        Assert.Equal($$"""{"tagKeys":["a"],"keyId":"{{id}}"}""", _world.Trail.Last.RequestParameters!.ToJsonString());
        Assert.Equal($$"""{"keyId":"{{KmsKey.ArnOf(World.Region, World.Account, id)}}"}""", _world.Trail.Last.ResponseElements!.ToJsonString());
    }

    public void Dispose() => _world.Dispose();

    private static (string?, string?) Error(KmsResponse response) => (response.ErrorCode, response.ErrorMessage);

    private static JsonObject Tags(string id, (string Key, string Value)[] tags) =>
        new() { ["KeyId"] = id, ["Tags"] = new JsonArray([.. tags.Select(tag => new JsonObject { ["TagKey"] = tag.Key, ["TagValue"] = tag.Value })]) };

    private Task<JsonNode?> TagAsync(string id, params (string Key, string Value)[] tags) => _api.AnswerAsync("TagResource", Tags(id, tags));

    private Task<KmsResponse> TryTagAsync(string id, params (string Key, string Value)[] tags) => _api.CallAsync("TagResource", Tags(id, tags));

    private Task<JsonNode?> UntagAsync(string id, params string[] keys) =>
        _api.AnswerAsync("UntagResource", new() { ["KeyId"] = id, ["TagKeys"] = new JsonArray([.. keys.Select(key => JsonValue.Create(key))]) });

    private async Task<IReadOnlyList<(string, string)>> AllAsync(string id) =>
        [.. (await _api.AnswerAsync("ListResourceTags", new() { ["KeyId"] = id }))!["Tags"]!.AsArray().Select(tag => ((string)tag!["TagKey"]!, (string)tag["TagValue"]!))];
}
