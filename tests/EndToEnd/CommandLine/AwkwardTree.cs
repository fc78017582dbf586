using Serverless.EndToEnd.Clients;

namespace Serverless.EndToEnd.CommandLine;

/// <summary>A tree of files whose names are awkward for shells, URLs, XML and clients, of sizes from nothing on; for tools that copy trees there and back.</summary>
internal static class AwkwardTree
{
    private static readonly string[] Folders =
        ["", "folder", "folder/deep/deeper", "sp ace/of it", "plus+plus/c%2Fd", "ünï/한글", "😀/é", "dots.../..x", "-dash/-", "#hash/?question", "b\\slash"];

    private static readonly string[] Names =
    [
        "plain.txt", "two words", "a+b", "a%2Bb", "100%", "semi;colon", "com,ma", "q?x=1", "hash#tag", "amp&ersand", "quote\"s", "apo'strophe", "<xml>&amp;", "tilde~", "star*",
        "br[ack]et", "{curly}", "pi|pe", "back\\slash", "caret^", "at@", "dollar$", "col:on", "trailing.", "  spaces  ", "ünïcödé", "한글", "😀 smile", "e\u0301", "- dash",
        "..dots", "~", "%", "\uE000private",
    ];

    /// <summary>Characters that XML 1.0 has not, or that it or its readers change: only clients that list with <c>encoding-type=url</c> can have them.</summary>
    private static readonly string[] BeyondXml = ["tab\tinside", "new\nline", "carriage\rreturn", "\u0001control", "\u007Fdelete"];

    /// <summary>The same folders once more, and again.</summary>
    private static readonly string[] Branches = ["", "second & last", "third = more"];

    /// <summary>Makes a tree.</summary>
    /// <param name="root">The folder that it is made in.</param>
    /// <param name="beyondXml">Whether names with characters that XML cannot carry are among them.</param>
    /// <param name="count">How many files, at most 1,000.</param>
    public static async Task MakeAsync(string root, bool beyondXml, int count)
    {
        string[] names = beyondXml ? [.. Names, .. BeyondXml] : Names;
        var files = Branches.SelectMany(branch => Folders.SelectMany(folder => names.Select(name => (Folder: Path.Combine(root, branch, folder), Name: name)))).Take(count);
        var made = 0;
        foreach (var (folder, name) in files)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, name), TestData.Bytes(made++ % 7 * 500, seed: made));
        }
        Assert.Equal(count, made);
    }

    /// <summary>Requires that two trees have the same files with the same content.</summary>
    public static async Task MustBeSameAsync(string expected, string actual)
    {
        var files = Files(expected);
        Assert.Equal(files, Files(actual));
        foreach (var file in files) Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(expected, file)), await File.ReadAllBytesAsync(Path.Combine(actual, file)));
    }

    public static IReadOnlyList<string> Files(string root) =>
        [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => file[(root.Length + 1)..]).Order(StringComparer.Ordinal)];
}
