namespace Serverless.Benchmarks.Report;

/// <summary>What has to be reached, and what was.</summary>
internal sealed class Targets
{
    private readonly MarkdownTable _table = new("target", "required", "measured", "result");

    public void AtLeast(string name, double required, double measured) =>
        Add(name, $">= {MarkdownTable.Ratio(required)}", MarkdownTable.Ratio(measured), measured >= required);

    public void AtMost(string name, double required, double measured) =>
        Add(name, $"<= {MarkdownTable.Ratio(required)}", MarkdownTable.Ratio(measured), measured <= required);

    public void AtMostBytes(string name, long required, double measured) =>
        Add(name, $"<= {MarkdownTable.Whole(required)}", MarkdownTable.Whole(measured), measured <= required);

    /// <summary>Writes the list, where there is one.</summary>
    public void Write(TextWriter output)
    {
        if (_table.IsEmpty) return;
        output.WriteLine("## Targets");
        output.WriteLine();
        _table.Write(output);
    }

    private void Add(string name, string required, string measured, bool met) => _table.Add(name, required, measured, met ? "met" : "MISSED");
}
