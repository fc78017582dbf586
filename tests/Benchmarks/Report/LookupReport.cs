using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Audit;
using Serverless.Audit.Tests.Fakes;
using Serverless.LocalHost.Azurite;
using Serverless.Storage;
using static Serverless.Benchmarks.Report.MarkdownTable;

namespace Serverless.Benchmarks.Report;

/// <summary>
/// How long LookupEvents takes for a page by each attribute in a large table, to its time in a small one. The tables are filled by the service's own trail and writer. First on a table in memory that is ordered as
/// Azure's is; then on Azurite, which looks at every row of a table for each query: there, a lookup is also told in the time of as many queries that find nothing.
/// </summary>
internal static class LookupReport
{
    public const int SmallTable = 1000;
    public const int LargeTable = 100_000;
    public const int OrderedTable = 1_000_000;

    private const int Rounds = 3;
    private const int OrderedRounds = 101;

    public static async Task RunAsync(int records, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine("## LookupEvents");
        output.WriteLine();
        Write(await MeasureOrderedAsync(SmallTable, cancellationToken), await MeasureOrderedAsync(OrderedTable, cancellationToken), OrderedTable, "an ordered table", output);
        Write(await MeasureAzuriteAsync(SmallTable, cancellationToken), await MeasureAzuriteAsync(records, cancellationToken), records, "Azurite", output);
    }

    private static void Write(Dictionary<string, Lookup> small, Dictionary<string, Lookup> large, int records, string where, TextWriter output)
    {
        var table = new MarkdownTable($"in {where}, by", $"ms, {Whole(SmallTable)}", $"ms, {Whole(records)}", "ratio", "to as many queries", "calls", "rows");
        foreach (var (name, few) in small)
        {
            var many = large[name];
            table.Add(name, Ratio(few.Milliseconds), Ratio(many.Milliseconds), Ratio(many.Milliseconds / few.Milliseconds), $"{Ratio(few.ToQueries)} / {Ratio(many.ToQueries)}", $"{few.Calls} / {many.Calls}", $"{few.Rows} / {many.Rows}");
        }
        table.Write(output);
    }

    private static Task<Dictionary<string, Lookup>> MeasureOrderedAsync(int records, CancellationToken cancellationToken) => MeasureAsync(new OrderedAuditStore(), records, OrderedRounds, cancellationToken);

    private static async Task<Dictionary<string, Lookup>> MeasureAzuriteAsync(int records, CancellationToken cancellationToken)
    {
        await using var azurite = await AzuriteProcess.StartInMemoryAsync(cancellationToken);
        return await MeasureAsync(new TableAuditStore(new StorageAccount(azurite.ConnectionString)), records, Rounds, cancellationToken);
    }

    private static async Task<Dictionary<string, Lookup>> MeasureAsync(IAuditStore table, int records, int rounds, CancellationToken cancellationToken)
    {
        var store = new CountingStore(table);
        var clock = Stopwatch.StartNew();
        var last = await AuditFilling.FillAsync(store, records, cancellationToken);
        await Console.Error.WriteLineAsync($"{Whole(records)} records in {clock.Elapsed.TotalSeconds:0} s ...");

        var endpoint = new CloudTrailEndpoint(store, Events.Identity, TimeProvider.System, NullLogger<CloudTrailEndpoint>.Instance);
        var results = new Dictionary<string, Lookup>();
        foreach (var (name, key, value) in AuditFilling.Lookups(last))
        {
            var (times, queries) = (new List<double>(), new List<double>());
            for (var round = 0; round <= rounds; round++)
            {
                queries.Add(await TimeAsync(() => store.ReadAsync("None_19700101", "", "~", 1, cancellationToken)));
                store.Reset();
                times.Add(await TimeAsync(() => LookupAsync(endpoint, key, value)));
            }
            // The first round warms up.
            var time = Median.Of(times.Skip(1));
            results[name] = new(time, time / (Median.Of(queries.Skip(1)) * store.Calls), store.Calls, store.Rows);
        }
        return results;
    }

    private static async Task LookupAsync(CloudTrailEndpoint endpoint, string? key, string value)
    {
        JsonObject request = key is null ? [] : new() { ["LookupAttributes"] = new JsonArray(new JsonObject { ["AttributeKey"] = key, ["AttributeValue"] = value }) };
        var (context, signed) = await SignedCall.MakeAsync(request.ToJsonString(), TimeProvider.System, Events.Root);
        await endpoint.HandleAsync(context, signed, CancellationToken.None);
        context.Response.Body.Position = 0;
        var answer = await JsonNode.ParseAsync(context.Response.Body);
        if (context.Response.StatusCode != 200 || answer!["Events"]!.AsArray().Count == 0) throw new InvalidOperationException($"LookupEvents by {key} {value} found nothing.");
    }

    private static async Task<double> TimeAsync(Func<Task> act)
    {
        var start = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>A lookup's time; the same in the time of as many queries that find nothing; its calls; the rows that they answered.</summary>
    private readonly record struct Lookup(double Milliseconds, double ToQueries, int Calls, int Rows);

    private sealed class CountingStore(IAuditStore store) : IAuditStore
    {
        private int calls;
        private int rows;

        public int Calls => calls;

        public int Rows => rows;

        public void Reset() => (calls, rows) = (0, 0);

        public Task PutAsync(string partition, IReadOnlyCollection<AuditRow> rows, CancellationToken cancellationToken) => store.PutAsync(partition, rows, cancellationToken);

        public async Task<IReadOnlyList<AuditRow>> ReadAsync(string partition, string after, string before, int limit, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref calls);
            var found = await store.ReadAsync(partition, after, before, limit, cancellationToken);
            Interlocked.Add(ref rows, found.Count);
            return found;
        }

        public Task<string?> FindPartitionAsync(string first, string last, CancellationToken cancellationToken) => store.FindPartitionAsync(first, last, cancellationToken);

        public Task RemoveAsync(string partition, CancellationToken cancellationToken) => store.RemoveAsync(partition, cancellationToken);
    }
}
