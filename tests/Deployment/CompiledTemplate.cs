using System.Text.Json.Nodes;

namespace Serverless.Deployment.Tests;

/// <summary>The ARM template that <c>infra/main.bicep</c> compiles to, once for all tests.</summary>
public sealed class CompiledTemplate : IAsyncLifetime
{
    private JsonObject? _template;

    /// <summary>All resources of all modules.</summary>
    public IReadOnlyList<JsonObject> Resources
    {
        get
        {
            Skip.IfNot(BicepCompiler.IsHere, "The Bicep compiler is a program for Linux on x64.");
            return [.. ResourcesOf(_template!)];
        }
    }

    public async Task InitializeAsync()
    {
        if (!BicepCompiler.IsHere) return;
        var (exitCode, output, diagnostics) = await BicepCompiler.RunAsync(new Dictionary<string, string>(), "build", "main.bicep", "--stdout");
        if (exitCode != 0) throw new InvalidOperationException(diagnostics);
        _template = JsonNode.Parse(output)!.AsObject();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>The resources of a type that are made, not only referred to.</summary>
    public IEnumerable<JsonObject> OfType(string type) => Resources.Where(resource => (string?)resource["type"] == type && resource["existing"] is null);

    public JsonObject Single(string type) => Assert.Single(OfType(type));

    /// <summary>The module that a file compiles to, by its deployment's name.</summary>
    public JsonObject Module(string name) => Resources.Single(resource => (string?)resource["type"] == "Microsoft.Resources/deployments" && (string?)resource["name"] == name)
        ["properties"]!["template"]!.AsObject();

    private static IEnumerable<JsonObject> ResourcesOf(JsonObject template)
    {
        var resources = template["resources"] is JsonArray array ? array.AsEnumerable() : template["resources"]!.AsObject().Select(entry => entry.Value);
        foreach (var resource in resources.Select(resource => resource!.AsObject()))
        {
            yield return resource;
            if (resource["properties"]?["template"] is not JsonObject nested) continue;
            foreach (var inner in ResourcesOf(nested)) yield return inner;
        }
    }
}
