using System.Globalization;
using Serverless.Benchmarks.Load;
using Serverless.Benchmarks.Report;

namespace Serverless.Benchmarks;

/// <summary>What the command line asks for: everything, if it names no part.</summary>
/// <param name="Kernels">Sealing and opening in memory.</param>
/// <param name="Load">The floor, and the service in <paramref name="Modes"/>, against Azurite, in <paramref name="Phases"/>.</param>
/// <param name="Memory">A large object.</param>
/// <param name="ColdStart">The deployed app from its process's start on.</param>
/// <param name="LookupRecords">LookupEvents in an audit table of so many records; 0: not at all.</param>
/// <param name="Rewrap">How many objects are re-wrapped; 0: none.</param>
/// <param name="Quick">Less exact, in a fraction of the time.</param>
internal sealed record Selection(
    bool Kernels, bool Load, bool Memory, bool ColdStart, int LookupRecords, int Rewrap, bool Quick, IReadOnlyList<Phase> Phases, IReadOnlyList<string> Modes)
{
    public const string Usage = """
        dotnet run -c Release --project tests/Benchmarks [-- [PART...] [OPTION...]]
          parts (all but floor, lookup and rewrap if none is named):
            kernels         sealing and opening in memory, against bare AesGcm
            service         the service and the floor, against Azurite
            floor           the floor alone, against Azurite
            memory          resident memory after an object of 1 GiB
            coldstart       from the start of the deployed app's process to its first PUT answered
            lookup          LookupEvents by each attribute, in a small and in a large audit table
            rewrap          a re-wrap pass over many small objects: its rate, and whether its memory grows
          options (size, workers and mode may be repeated):
            --objects N     so many are re-wrapped: 100000 if it is not said
            --quick         two sizes, fewer and shorter rounds
            --size BYTES    objects of this size
            --workers N     so many requests at once
            --mode M        s3, kms or c: the service in this mode only
            --records N     records in the large audit table
        """;

    private const string KernelsPart = "kernels";
    private const string ServicePart = "service";
    private const string FloorPart = "floor";
    private const string MemoryPart = "memory";
    private const string ColdStartPart = "coldstart";
    private const string LookupPart = "lookup";
    private const string RewrapPart = "rewrap";

    private const int RewrappedObjects = 100_000;

    private static readonly int[] Sizes = [1 << 10, 64 << 10, 1 << 20, 8 << 20];
    private static readonly int[] QuickSizes = [1 << 10, 8 << 20];
    private static readonly int[] Workers = [1, 8];

    /// <summary>Null where the arguments are not understood.</summary>
    public static Selection? Parse(IReadOnlyList<string> arguments)
    {
        var (parts, sizes, workers, modes, quick) = (new HashSet<string>(), new List<int>(), new List<int>(), new List<string>(), false);
        var (records, objects) = (LookupReport.LargeTable, RewrappedObjects);
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i], i + 1 < arguments.Count ? arguments[i + 1] : "")
            {
                case (KernelsPart or ServicePart or FloorPart or MemoryPart or ColdStartPart or LookupPart or RewrapPart, _):
                    parts.Add(arguments[i]);
                    break;
                case ("--quick", _):
                    quick = true;
                    break;
                case ("--size" or "--workers", var text) when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0:
                    (arguments[i++] is "--size" ? sizes : workers).Add(number);
                    break;
                case ("--records", var text) when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0:
                    (records, i) = (number, i + 1);
                    break;
                case ("--objects", var text) when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0:
                    (objects, i) = (number, i + 1);
                    break;
                case ("--mode", "s3" or "kms" or "c"):
                    modes.Add(arguments[++i] switch { "s3" => Contenders.S3, "kms" => Contenders.Kms, _ => Contenders.Customer });
                    break;
                default:
                    return null;
            }
        }

        var all = parts.Count == 0;
        var phases =
            from size in sizes.Count > 0 ? sizes : [.. quick ? QuickSizes : Sizes]
            from count in workers.Count > 0 ? workers : [.. Workers]
            select new Phase(size, count);
        var withService = all || parts.Contains(ServicePart);
        return new(all || parts.Contains(KernelsPart), withService || parts.Contains(FloorPart), all || parts.Contains(MemoryPart), all || parts.Contains(ColdStartPart),
            parts.Contains(LookupPart) ? records : 0, parts.Contains(RewrapPart) ? objects : 0, quick,
            [.. phases], !withService ? [] : modes.Count > 0 ? modes : Contenders.AllModes);
    }
}
