using CsCheck;

namespace Serverless.Access.Tests;

/// <summary>Pages of every size show every item once, in one order, whatever comes and goes meanwhile.</summary>
public sealed class PagingTests
{
    [Fact]
    public void Pages_put_together_are_the_list()
    {
        var keys = Gen.Char["aAbB0_-+=,.@"].Array[1, 4].Select(characters => new string(characters)).HashSet[0, 30];
        Gen.Select(keys, Gen.Int[1, 40]).Sample((all, size) =>
        {
            var seen = new List<string>();
            string? marker = null;
            do
            {
                var page = IamPage<string>.Of(all, key => key, marker, size);
                Assert.InRange(page.Items.Count, page.Next is null ? 0 : size, size);
                seen.AddRange(page.Items);
                marker = page.Next;
            }
            while (marker is not null);
            Assert.Equal(all.Order(StringComparer.Ordinal), seen);
        });
    }

    [Fact]
    public void What_is_deleted_between_two_pages_hides_nothing_else()
    {
        Gen.Select(Gen.Int[0, 99].HashSet[2, 30], Gen.Int[1, 10]).Sample((numbers, size) =>
        {
            List<string> all = [.. numbers.Select(number => $"{number:00}").Order(StringComparer.Ordinal)];
            var first = IamPage<string>.Of(all, key => key, null, size);
            if (first.Next is null) return;
            all.RemoveRange(0, size);
            Assert.Equal(all[..Math.Min(size, all.Count)], IamPage<string>.Of(all, key => key, first.Next, size).Items);
        });
    }

    [Fact]
    public async Task Users_under_a_path_are_listed_in_pages()
    {
        await using var world = new AccessWorld();
        var root = world.NewClient();
        string[] expected = ["A0", "a1", "A2", "a3", "A4"];
        foreach (var name in expected) await root.AnswerAsync("CreateUser", ("UserName", name), ("Path", "/team/red/"));
        foreach (var name in new[] { "0", "a00", "b" }) await root.AnswerAsync("CreateUser", ("UserName", name), ("Path", "/tea/"));

        foreach (var (prefix, names) in new[] { ("/team/", expected), ("/team/r", expected), ("/tea", [.. expected, "0", "a00", "b"]), ("/", [.. expected, "0", "a00", "b"]), ("/other/", []) })
        {
            for (var size = 1; size < 10; size++)
            {
                var seen = new List<string>();
                string? marker = null;
                do
                {
                    (string, string)[] from = marker is null ? [] : [("Marker", marker)];
                    var page = await root.AnswerAsync("ListUsers", [("PathPrefix", prefix), ("MaxItems", $"{size}"), .. from]);
                    seen.AddRange(page.Members("Users").Select(user => user.Element("UserName")!.Value));
                    marker = page["Marker"];
                    Assert.Equal(marker is null ? "false" : "true", page["IsTruncated"]);
                }
                while (marker is not null);
                Assert.Equal(names.OrderBy(name => name.ToLowerInvariant(), StringComparer.Ordinal), seen);
            }
        }
    }

    [Fact]
    public async Task Policies_keys_and_tags_are_listed_in_pages()
    {
        await using var world = new AccessWorld();
        var root = world.NewClient();
        await root.AnswerAsync("CreateUser", ("UserName", "bob"));
        foreach (var name in new[] { "b", "A", "a" })
        {
            await root.AnswerAsync("PutUserPolicy", ("UserName", "bob"), ("PolicyName", name), ("PolicyDocument", """{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"""));
            await root.AnswerAsync("TagUser", ("UserName", "bob"), ("Tags.member.1.Key", name + name), ("Tags.member.1.Value", ""));
        }
        await root.NewKeyAsync("bob");
        await root.NewKeyAsync("bob");
        foreach (var (action, list, count) in new[] { ("ListUserPolicies", "PolicyNames", 3), ("ListUserTags", "Tags", 2), ("ListAccessKeys", "AccessKeyMetadata", 2) })
        {
            var first = await root.AnswerAsync(action, ("UserName", "bob"), ("MaxItems", "1"));
            var rest = await root.AnswerAsync(action, ("UserName", "bob"), ("Marker", first["Marker"]!));
            Assert.Equal((1, count - 1, null), (first.Members(list).Count, rest.Members(list).Count, rest["Marker"]));
        }
    }
}
