using System.Text.Json;

namespace Serverless.Encryption.Tests;

/// <summary>
/// Published test vectors, which are not part of this repository: in the folder that SERVERLESS_VECTORS names, else in <c>../shared/vectors</c> beside the
/// folder that holds Serverless.sln. Tests that need them are skipped where they are absent.
/// </summary>
internal static class Vectors
{
    private static readonly string? Folder = Find();

    /// <summary>The tests of a Wycheproof file, each with its group.</summary>
    public static IEnumerable<(JsonElement Group, JsonElement Test)> Wycheproof(string file)
    {
        string path = Path.Combine(Folder ?? "", "wycheproof", file);
        Skip.IfNot(Folder is not null && File.Exists(path), $"The vectors {file} are not here; SERVERLESS_VECTORS names their folder.");
        JsonElement root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
        return from @group in root.GetProperty("testGroups").EnumerateArray()
               from test in @group.GetProperty("tests").EnumerateArray()
               select (@group, test);
    }

    public static byte[] Bytes(this JsonElement test, string name) => Convert.FromHexString(test.Text(name));

    public static int Number(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("SERVERLESS_VECTORS") is { Length: > 0 } named)
        {
            return named;
        }

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
        {
            folder = folder.Parent;
        }

        return folder is null ? null : Path.Combine(folder.FullName, "..", "shared", "vectors");
    }
}
