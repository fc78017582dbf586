using System.Text;

namespace Serverless.Audit.Tests;

/// <summary>What every audit store does: one suite, run over the in-memory fake and over Azurite.</summary>
public abstract class AuditStoreContract
{
    private readonly string partition = $"EventName_{Guid.NewGuid():N}_20260304";

    protected abstract IAuditStore Store { get; }

    [Fact]
    public async Task A_partition_that_does_not_exist_is_empty() =>
        Assert.Empty(await Store.ReadAsync(partition, "0", "9", 10, CancellationToken.None));

    [Fact]
    public async Task Rows_come_back_in_the_order_of_their_keys_with_their_bytes_unchanged()
    {
        await Store.PutAsync(partition, [Row("3"), Row("1"), Row("2")], CancellationToken.None);

        var rows = await Store.ReadAsync(partition, "0", "9", 10, CancellationToken.None);

        Assert.Equal(["1", "2", "3"], rows.Select(row => row.Key));
        Assert.All(rows, row => Assert.Equal($$"""{"row":"{{row.Key}} é \\ \" \u0000"}""", Encoding.UTF8.GetString(row.Json.Span)));
    }

    [Fact]
    public async Task Every_form_of_key_that_is_made_is_found_alone_in_its_range()
    {
        const string position = "2516800000000000000_a9dea4f9-8395-46c0-942c-f509c02c2b71";
        string[] values = ["", "root", "AWS::KMS::Alias", "kms.amazonaws.com", "a_b-c.d", "A", "a", "~0a1b2c", "2516800000000000000"];
        await Store.PutAsync(partition, [.. values.Select(value => Row($"{value}!{position}"))], CancellationToken.None);

        foreach (var value in values)
        {
            var rows = await Store.ReadAsync(partition, $"{value}!2516800000000000000", $"{value}!2516800000000000000~", 10, CancellationToken.None);
            Assert.Equal([$"{value}!{position}"], Keys(rows));
        }
    }

    [Fact]
    public async Task Both_ends_of_a_range_are_exclusive_and_the_limit_holds()
    {
        await Store.PutAsync(partition, [Row("1"), Row("2"), Row("3"), Row("4"), Row("5")], CancellationToken.None);

        Assert.Equal(["2", "3", "4"], Keys(await Store.ReadAsync(partition, "1", "5", 10, CancellationToken.None)));
        Assert.Equal(["2", "3"], Keys(await Store.ReadAsync(partition, "1", "5", 2, CancellationToken.None)));
        Assert.Empty(await Store.ReadAsync(partition, "2", "3", 10, CancellationToken.None));
    }

    [Fact]
    public async Task A_row_that_is_put_again_is_there_once()
    {
        await Store.PutAsync(partition, [Row("1"), Row("2")], CancellationToken.None);
        await Store.PutAsync(partition, [Row("2"), Row("3")], CancellationToken.None);

        Assert.Equal(["1", "2", "3"], Keys(await Store.ReadAsync(partition, "0", "9", 10, CancellationToken.None)));
    }

    [Fact]
    public async Task More_rows_than_a_transaction_takes_are_all_stored()
    {
        AuditRow[] rows = [.. Enumerable.Range(0, 250).Select(number => Row($"{number:D3}"))];
        await Store.PutAsync(partition, rows, CancellationToken.None);

        Assert.Equal(rows.Select(row => row.Key), Keys(await Store.ReadAsync(partition, "", "~", 1000, CancellationToken.None)));
    }

    [Fact]
    public async Task Records_of_the_largest_size_are_all_stored()
    {
        // '>' and '?' end up as '+' and '/' in base64, the worst case on the wire.
        var largest = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(">>?", 16 * 1024)));
        AuditRow[] rows = [.. Enumerable.Range(0, 100).Select(number => new AuditRow($"{number:D3}", largest))];
        await Store.PutAsync(partition, rows, CancellationToken.None);

        var read = await Store.ReadAsync(partition, "", "~", 100, CancellationToken.None);

        Assert.Equal(100, read.Count);
        Assert.All(read, row => Assert.True(row.Json.Span.SequenceEqual(largest)));
    }

    [Fact]
    public async Task Partitions_do_not_see_each_others_rows()
    {
        await Store.PutAsync(partition, [Row("1")], CancellationToken.None);
        await Store.PutAsync(partition + "1", [Row("2")], CancellationToken.None);

        Assert.Equal(["1"], Keys(await Store.ReadAsync(partition, "0", "9", 10, CancellationToken.None)));
    }

    [Fact]
    public async Task The_first_partition_of_a_range_is_found_both_its_ends_inclusive()
    {
        var name = Guid.NewGuid().ToString("N");
        foreach (var number in new[] { 3, 2, 5 }) await Store.PutAsync($"{name}_{number}", [Row("1")], CancellationToken.None);

        Assert.Equal($"{name}_2", await Store.FindPartitionAsync($"{name}_1", $"{name}_9", CancellationToken.None));
        Assert.Equal($"{name}_2", await Store.FindPartitionAsync($"{name}_2", $"{name}_2", CancellationToken.None));
        Assert.Equal($"{name}_5", await Store.FindPartitionAsync($"{name}_4", $"{name}_5", CancellationToken.None));
        Assert.Null(await Store.FindPartitionAsync($"{name}_6", $"{name}_9", CancellationToken.None));
    }

    [Fact]
    public async Task A_partition_is_removed_whole_and_alone_and_may_be_removed_again()
    {
        await Store.PutAsync(partition, [.. Enumerable.Range(0, 250).Select(number => Row($"{number:D3}"))], CancellationToken.None);
        await Store.PutAsync(partition + "1", [Row("1")], CancellationToken.None);

        await Store.RemoveAsync(partition, CancellationToken.None);
        await Store.RemoveAsync(partition, CancellationToken.None);

        Assert.Empty(await Store.ReadAsync(partition, "", "~", 10, CancellationToken.None));
        Assert.Null(await Store.FindPartitionAsync(partition, partition, CancellationToken.None));
        Assert.Single(await Store.ReadAsync(partition + "1", "", "~", 10, CancellationToken.None));
    }

    [Fact]
    public async Task All_rows_of_a_partition_are_in_the_range_that_the_journal_is_read_by()
    {
        string[] keys = [.. Enumerable.Range(0, 600).Select(number => $"!{number:D4}"), "Z", "~z", "é", "漢"];
        await Store.PutAsync(partition, [.. keys.Select(Row)], CancellationToken.None);

        Assert.Equal(keys[..250], Keys(await Store.ReadAsync(partition, "", "\uFFFD", 250, CancellationToken.None)));
        Assert.Equal(keys[250..], Keys(await Store.ReadAsync(partition, keys[249], "\uFFFD", 1000, CancellationToken.None)));
    }

    private static AuditRow Row(string key) => new(key, Encoding.UTF8.GetBytes($$"""{"row":"{{key}} é \\ \" \u0000"}"""));

    private static IEnumerable<string> Keys(IReadOnlyList<AuditRow> rows) => rows.Select(row => row.Key);
}
