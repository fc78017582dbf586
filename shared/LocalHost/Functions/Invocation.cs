using Microsoft.Azure.Functions.Worker;

namespace Serverless.LocalHost.Functions;

/// <summary>One invocation, as the function sees it. What few functions ask for is made when it is asked for.</summary>
internal sealed class Invocation(
    FunctionMethod function, IServiceProvider services, CancellationToken cancellationToken, IReadOnlyDictionary<string, object?>? bindingData = null)
    : FunctionContext
{
    private static readonly IReadOnlyDictionary<string, object?> NoData = new Dictionary<string, object?>();

    public override string InvocationId => field ??= Guid.NewGuid().ToString();

    public override FunctionDefinition FunctionDefinition => field ??= new Definition(function.Name);

    public override IServiceProvider InstanceServices { get; set; } = services;

    public override IDictionary<object, object> Items
    {
        get => field ??= new Dictionary<object, object>();
        set;
    }

    public override BindingContext BindingContext => field ??= new Binding(bindingData ?? NoData);

    public override CancellationToken CancellationToken { get; } = cancellationToken;

    private sealed class Definition(string name) : FunctionDefinition
    {
        public override string Name { get; } = name;
    }

    private sealed class Binding(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData { get; } = data;
    }
}
