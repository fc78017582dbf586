using System.Globalization;

namespace Serverless.Benchmarks.Report;

/// <summary>A table for the console and the README alike, written when it is complete so that its columns line up.</summary>
internal sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> _rows = [columns];

    public bool IsEmpty => _rows.Count == 1;

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(TextWriter output)
    {
        var widths = columns.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        for (var row = 0; row < _rows.Count; row++)
        {
            output.WriteLine($"| {string.Join(" | ", _rows[row].Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))} |");
            if (row == 0) output.WriteLine($"|{string.Join("|", widths.Select((width, column) => column == 0 ? new string('-', width + 2) : new string('-', width + 1) + ":"))}|");
        }
        output.WriteLine();
    }

    /// <summary>A ratio with two digits behind the point.</summary>
    public static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A count or a size, rounded.</summary>
    public static string Whole(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
