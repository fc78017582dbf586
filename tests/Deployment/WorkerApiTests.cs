using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Serverless.Functions;

namespace Serverless.Deployment.Tests;

/// <summary>The app uses this slice of the isolated worker's API and nothing else of it: what it uses is there under both hosts.</summary>
public sealed class WorkerApiTests
{
    private static readonly string[] Slice =
    [
        "Microsoft.Azure.Functions.Worker.AuthorizationLevel",
        "Microsoft.Azure.Functions.Worker.FunctionAttribute::.ctor",
        "Microsoft.Azure.Functions.Worker.FunctionContext",
        "Microsoft.Azure.Functions.Worker.FunctionContext::get_BindingContext",
        "Microsoft.Azure.Functions.Worker.FunctionContext::get_CancellationToken",
        "Microsoft.Azure.Functions.Worker.FunctionContext::get_FunctionDefinition",
        "Microsoft.Azure.Functions.Worker.FunctionContext::get_InstanceServices",
        "Microsoft.Azure.Functions.Worker.FunctionContext::get_InvocationId",
        "Microsoft.Azure.Functions.Worker.FunctionContext::get_Items",
        "Microsoft.Azure.Functions.Worker.HttpTriggerAttribute::.ctor",
        "Microsoft.Azure.Functions.Worker.QueueTriggerAttribute::.ctor",
        "Microsoft.Azure.Functions.Worker.ScheduleStatus",
        "Microsoft.Azure.Functions.Worker.TimerInfo",
        "Microsoft.Azure.Functions.Worker.TimerInfo::get_IsPastDue",
        "Microsoft.Azure.Functions.Worker.TimerInfo::get_ScheduleStatus",
        "Microsoft.Azure.Functions.Worker.TimerTriggerAttribute::.ctor",
        "Microsoft.Azure.Functions.Worker.Builder.FunctionsApplication::CreateBuilder",
        "Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder",
        "Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder::Build",
        "Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder::get_Configuration",
        "Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder::get_Environment",
        "Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder::get_Logging",
        "Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder::get_Metrics",
        "Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder::get_Services",
    ];

    /// <summary>An extension method: its class has another name in each host.</summary>
    private const string Configure = "ConfigureFunctionsWebApplication";

    [Fact]
    public void The_app_uses_nothing_else_of_the_worker()
    {
        var used = References().ToHashSet();

        Assert.Contains(used, member => member.EndsWith($"::{Configure}", StringComparison.Ordinal));
        Assert.Contains("Microsoft.Azure.Functions.Worker.HttpTriggerAttribute::.ctor", used);
        var types = Slice.Select(member => member.Split("::")[0]).ToHashSet();
        Assert.DoesNotContain(used, member => !member.EndsWith($"::{Configure}", StringComparison.Ordinal) && !Slice.Contains(member) && !types.Contains(member));
    }

    /// <summary>What the compiled app names of the worker: types, and members as <c>type::member</c>.</summary>
    private static IEnumerable<string> References()
    {
        using var file = new PEReader(File.OpenRead(typeof(HttpFunctions).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var members = metadata.MemberReferences.Select(metadata.GetMemberReference).Where(member => member.Parent.Kind is HandleKind.TypeReference)
            .Select(member => (Type: NameOf(metadata, (TypeReferenceHandle)member.Parent), Member: metadata.GetString(member.Name))).ToList();
        // The type of the extension method is one of the host's own.
        var extensions = members.Where(member => member.Member == Configure).Select(member => member.Type).ToHashSet();
        return [.. metadata.TypeReferences.Select(type => NameOf(metadata, type)).Where(IsWorkers).Except(extensions),
            .. members.Where(member => IsWorkers(member.Type)).Select(member => $"{member.Type}::{member.Member}")];
    }

    private static bool IsWorkers(string type) => type.StartsWith("Microsoft.Azure.Functions.Worker", StringComparison.Ordinal) || type.Contains("LocalHost", StringComparison.Ordinal);

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }
}
