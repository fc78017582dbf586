using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Keys.Tests;

/// <summary>
/// AWS's recorded answers, which are not part of this repository: in the folder that SERVERLESS_VECTORS names, else in <c>../shared/vectors</c> beside the
/// folder that holds Serverless.sln. In them ids, dates and ciphertexts are replaced by placeholders.
/// </summary>
internal static partial class Recordings
{
    private const string File = "aws-recorded/kms-symmetric.json";

    /// <summary>Every recorded answer, by <c>TEST/STEP</c>; the test is skipped where there are none. Most are of one class, whose name is left out.</summary>
    public static IReadOnlyDictionary<string, JsonNode> All()
    {
        string? folder = Environment.GetEnvironmentVariable("SERVERLESS_VECTORS") is { Length: > 0 } named ? named : Beside();
        string path = Path.Combine(folder ?? "", File);
        Skip.IfNot(System.IO.File.Exists(path), $"The vectors {File} are not here; SERVERLESS_VECTORS names their folder.");
        var answers = new Dictionary<string, JsonNode>();
        foreach ((string test, JsonNode? recorded) in JsonNode.Parse(System.IO.File.ReadAllText(path))!.AsObject())
        {
            foreach ((string step, JsonNode? answer) in recorded!["recorded-content"]!.AsObject())
            {
                answers[$"{test.Replace("TestKMS::", "", StringComparison.Ordinal).Replace("::", ": ", StringComparison.Ordinal)}/{step}"] = answer!;
            }
        }

        return answers;
    }

    /// <summary>Asserts that an answer is the recorded one: status, error code and message, or every member and no other but those that came later.</summary>
    public static void AssertIs(JsonNode recorded, KmsResponse actual, params string[] addedSince)
    {
        if (recorded is JsonValue length)
        {
            // Of random bytes, only how many there were.
            Assert.Equal((int)length, Convert.FromBase64String((string)actual.Body!["Plaintext"]!).Length);
            return;
        }

        if (recorded is JsonArray list)
        {
            // Only the answer's list was recorded.
            Assert.Equal(200, actual.Status);
            Assert.True(JsonNode.DeepEquals(list, actual.Body!.AsObject().Select(member => member.Value).OfType<JsonArray>().Single()), actual.Body.ToJsonString());
            return;
        }

        if (recorded["Error"] is { } error)
        {
            Assert.Equal((int)recorded["ResponseMetadata"]!["HTTPStatusCode"]!, actual.Status);
            Assert.Equal((string)error["Code"]!, actual.ErrorCode);
            string message = (string)error["Message"]!;
            // AWS says nothing in some errors; here a message is never empty.
            AssertText(message.Length == 0 ? "<any>" : message, actual.ErrorMessage);
            return;
        }

        Assert.Equal(200, actual.Status);
        // Some recordings hold the key's metadata alone.
        JsonObject expected = recorded["Arn"] is null ? recorded.AsObject() : new JsonObject { ["KeyMetadata"] = recorded.DeepClone() };
        AssertMembers(expected, actual.Body!.AsObject(), addedSince);
    }

    private static void AssertMembers(JsonObject expected, JsonObject actual, params string[] addedSince)
    {
        Assert.Equal(expected.Select(member => member.Key).Where(name => name != "ResponseMetadata"), actual.Select(member => member.Key).Except(addedSince));
        foreach ((string name, JsonNode? value) in expected.Where(member => member.Key != "ResponseMetadata"))
        {
            switch (value)
            {
                case JsonObject nested:
                    AssertMembers(nested, actual[name]!.AsObject());
                    break;
                case JsonValue text when text.TryGetValue(out string? placeholder) && placeholder == "datetime":
                    Assert.True((decimal)actual[name]! > 0);
                    break;
                case JsonValue text when text.TryGetValue(out string? placeholder) && placeholder is "ciphertext-blob" or "plaintext" or "import-token" or "public-key":
                    Assert.NotEmpty(Convert.FromBase64String((string)actual[name]!));
                    break;
                case JsonValue text when text.TryGetValue(out string? pattern):
                    AssertText(pattern, (string?)actual[name]);
                    break;
                default:
                    Assert.Equal(value!.ToJsonString(), actual[name]!.ToJsonString());
                    break;
            }
        }
    }

    private static void AssertText(string pattern, string? actual) =>
        Assert.Matches($"^{string.Join(".+", Placeholder().Split(pattern).Select(Regex.Escape))}$", actual);

    private static string? Beside()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
        {
            folder = folder.Parent;
        }

        return folder is null ? null : Path.Combine(folder.FullName, "..", "shared", "vectors");
    }

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Placeholder();
}
