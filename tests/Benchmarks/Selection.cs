using System.Globalization;
using Serverless.Benchmarks.Load;

namespace Serverless.Benchmarks;

/// <summary>What the command line asks for: everything, if it names no part.</summary>
internal sealed record Selection(bool Kernels, bool Service, bool Floor, bool Memory, bool Quick, IReadOnlyList<Phase> Phases)
{
    public const string Usage = "dotnet run -c Release --project tests/Benchmarks [-- [kernels] [service] [floor] [memory] [--quick] [--size BYTES] [--workers N]]";

    private static readonly int[] Sizes = [1 << 10, 64 << 10, 1 << 20, 8 << 20];
    private static readonly int[] QuickSizes = [1 << 10, 8 << 20];
    private static readonly int[] Workers = [1, 8];

    /// <summary>Null where the arguments are not understood.</summary>
    public static Selection? Parse(IReadOnlyList<string> arguments)
    {
        var parts = new HashSet<string>();
        var (sizes, workers, quick) = (new List<int>(), new List<int>(), false);
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "kernels" or "service" or "floor" or "memory":
                    parts.Add(arguments[i]);
                    break;
                case "--quick":
                    quick = true;
                    break;
                case "--size" or "--workers" when i + 1 < arguments.Count && int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0:
                    (arguments[i++] is "--size" ? sizes : workers).Add(number);
                    break;
                default:
                    return null;
            }
        }
        var all = parts.Count == 0;
        var phases =
            from size in sizes.Count > 0 ? sizes : [.. quick ? QuickSizes : Sizes]
            from worker in workers.Count > 0 ? workers : [.. Workers]
            select new Phase(size, worker);
        return new(all || parts.Contains("kernels"), all || parts.Contains("service"), parts.Contains("floor"), all || parts.Contains("memory"), quick, [.. phases]);
    }
}
