namespace Serverless.Benchmarks.Report;

/// <summary>The middle of what several rounds measured: a round that something else disturbed does not count.</summary>
internal static class Median
{
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
