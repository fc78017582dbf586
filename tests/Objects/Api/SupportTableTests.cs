using System.Text.RegularExpressions;
using Serverless.Access;
using Serverless.Objects.Api;

namespace Serverless.Objects.Tests.Api;

/// <summary>The README's table of S3's operations against what requests are taken for.</summary>
public partial class SupportTableTests
{
    private static readonly ILookup<string, string> States = ReadTable().ToLookup(row => row.Operation, row => row.State);

    public static TheoryData<string> ApiOperations => [.. S3ApiOperation.All.Select(operation => operation.Name)];

    [Theory, MemberData(nameof(ApiOperations))]
    public void An_operation_is_in_the_table_as_what_its_request_is_taken_for(string name)
    {
        var operation = S3ApiOperation.All.Single(each => each.Name == name);
        var resolved = S3Operations.Resolve(operation.Method, operation.Bucket, operation.Key, QueryParameters.Parse(operation.Query), operation.Copies);

        Assert.Equal(resolved is S3Operation.NotImplemented ? "no" : "there", Assert.Single(States[name]));
        if (resolved is not S3Operation.NotImplemented) Assert.Equal(name, resolved.ToString());
    }

    [Fact]
    public void The_table_names_every_operation_that_is_carried_out()
    {
        var there = Enum.GetNames<S3Operation>().Except([nameof(S3Operation.NotImplemented), nameof(S3Operation.MethodNotAllowed)]);

        Assert.Equal(there.Order(), States.Where(operation => operation.Contains("there")).Select(operation => operation.Key).Order());
    }

    [Fact]
    public void The_table_names_nothing_else()
    {
        var known = S3ApiOperation.All.Select(operation => operation.Name).Concat(S3ApiOperation.OfOtherEndpoints).Concat(Enum.GetNames<S3Operation>());

        Assert.Empty(States.Select(operation => operation.Key).Except(known));
        Assert.All(S3ApiOperation.OfOtherEndpoints, other => Assert.Equal("no", Assert.Single(States[other])));
    }

    private static IEnumerable<(string Operation, string State)> ReadTable()
    {
        var rows = File.ReadLines(ProjectFolder.File("README.md")).SkipWhile(line => line != "| S3 operations | |").Skip(2).TakeWhile(line => line.StartsWith('|'));
        foreach (var row in rows)
        {
            var match = Row().Match(row);
            Assert.True(match.Success, $"This row is not a list of operations and then yes, partly (what not) or no: {row}");
            foreach (var operation in match.Groups["operations"].Value.Split(", ")) yield return (operation, match.Groups["state"].Value is "no" ? "no" : "there");
        }
    }

    [GeneratedRegex("""^\| (?<operations>[A-Za-z0-9]+(, [A-Za-z0-9]+)*) \| (?<state>yes|partly: |no)\b.* \|\z""")]
    private static partial Regex Row();
}
