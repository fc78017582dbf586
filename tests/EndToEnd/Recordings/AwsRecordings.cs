using System.Text.Json.Nodes;

namespace Serverless.EndToEnd.Recordings;

/// <summary>AWS's recorded answers: by test, and in a test by name. They are beside the project's folder, or where SERVERLESS_VECTORS says.</summary>
internal static class AwsRecordings
{
    public const string Absent = "The recorded answers are not on this machine: SERVERLESS_VECTORS names no folder with them, nor is there one beside the project's.";

    public const string Encryption = "s3-encryption.json";
    public const string Objects = "s3-buckets-and-preconditions.json";

    /// <summary>The answers of every test in a file; null where the file is absent.</summary>
    public static IReadOnlyDictionary<string, JsonObject>? Read(string file)
    {
        if (Folder() is not { } folder || Path.Combine(folder, "aws-recorded", file) is var path && !File.Exists(path)) return null;
        return JsonNode.Parse(File.ReadAllText(path))!.AsObject().ToDictionary(test => test.Key, test => test.Value!["recorded-content"]!.AsObject());
    }

    private static string? Folder()
    {
        if (Environment.GetEnvironmentVariable("SERVERLESS_VECTORS") is { Length: > 0 } named) return named;
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Serverless.sln"))) return Path.Combine(at.FullName, "..", "shared", "vectors");
        }
        return null;
    }
}
