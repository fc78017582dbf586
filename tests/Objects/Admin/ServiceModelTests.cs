using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Objects.Admin;

namespace Serverless.Objects.Tests.Admin;

/// <summary>What the AWS CLI is told of the admin API against what there is.</summary>
public sealed class ServiceModelTests
{
    private static readonly JsonNode Model = JsonNode.Parse(File.ReadAllText(ProjectFolder.File("infra", "aws-cli", "sse", "2026-11-25", "service-2.json")))!;

    // What an operation says of itself depends on nothing that it is made of.
    private static IEnumerable<IAdminOperation> Operations { get; } = new ServiceCollection().AddAdmin()
        .Where(service => service.ServiceType == typeof(IAdminOperation))
        .Select(service => (IAdminOperation)RuntimeHelpers.GetUninitializedObject(service.ImplementationType!));

    [Fact]
    public void It_has_every_operation_with_its_members_and_no_other()
    {
        Assert.Equal(
            Operations.Select(operation => (operation.Name, string.Join(", ", operation.Members.Order()))).Order(),
            Model["operations"]!.AsObject().Select(operation => (operation.Key, string.Join(", ", MembersOf(operation.Value!["input"]!)))).Order());
        Assert.NotEmpty(Operations);
    }

    [Fact]
    public void The_README_lists_every_operation_and_no_other() => Assert.Equal(
        Operations.Select(operation => operation.Name).Order(),
        File.ReadLines(ProjectFolder.File("README.md")).SkipWhile(line => line != "| operation | |").Skip(2).TakeWhile(line => line.StartsWith('|')).Select(row => row.Split('|')[1].Trim()).Order());

    [Fact]
    public void It_is_addressed_and_signed_as_the_endpoint_expects()
    {
        var metadata = Model["metadata"]!;
        Assert.Equal(AdminEndpoint.TargetPrefix, $"{metadata["targetPrefix"]}.");
        Assert.Equal(AdminEndpoint.Service, (string?)metadata["signingName"]);
        Assert.Equal(("json", "1.1", "v4"), ((string?)metadata["protocol"], (string?)metadata["jsonVersion"], (string?)metadata["signatureVersion"]));
        Assert.All(Model["operations"]!.AsObject(), operation => Assert.Equal(
            (operation.Key, "POST", "/"), ((string?)operation.Value!["name"], (string?)operation.Value["http"]!["method"], (string?)operation.Value["http"]!["requestUri"])));
    }

    [Fact]
    public void Every_shape_that_it_names_is_there_and_every_one_that_is_there_is_named()
    {
        var named = new HashSet<string>();
        Collect(Model["operations"]!);
        Collect(Model["shapes"]!);
        Assert.Equal(Model["shapes"]!.AsObject().Select(shape => shape.Key).Order(), named.Order());

        void Collect(JsonNode node)
        {
            if (node is JsonObject { } members && members.TryGetPropertyValue("shape", out var shape) && shape is JsonValue) named.Add((string)shape!);
            IEnumerable<JsonNode?> inner = node switch
            {
                JsonObject all => all.Select(member => member.Value),
                JsonArray all => all,
                _ => [],
            };
            foreach (var each in inner) if (each is not null) Collect(each);
        }
    }

    private static IEnumerable<string> MembersOf(JsonNode input) => Model["shapes"]![(string)input["shape"]!]!["members"]!.AsObject().Select(member => member.Key).Order();
}
