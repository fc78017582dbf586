using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.LocalHost.Functions;

/// <summary>
/// A function's method, compiled once to a delegate, so that an invocation costs no reflection. It runs on an object of its class made for
/// the invocation, with its constructor's parameters from the invocation's services.
/// </summary>
internal sealed class FunctionMethod
{
    private delegate Task Body(object? instance, object trigger, FunctionContext context);

    private readonly ObjectFactory? _create;
    private readonly Body _body;
    private readonly Func<Task, IActionResult>? _result;

    /// <param name="name">The function's name.</param>
    /// <param name="method">What it runs.</param>
    /// <param name="trigger">The parameter that carries the trigger's attribute.</param>
    /// <exception cref="StartupException">A parameter or the return type is none that this host knows.</exception>
    public FunctionMethod(string name, MethodInfo method, ParameterInfo trigger)
    {
        Name = name;
        _create = method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType!, []);
        _body = Compile(name, method, trigger);
        _result = CompileResult(method.ReturnType);
    }

    public string Name { get; }

    /// <summary>Runs it to its end. The answer is what it returned, where that is an <see cref="IActionResult"/>.</summary>
    public async Task<IActionResult?> InvokeAsync(object trigger, FunctionContext context)
    {
        var instance = _create?.Invoke(context.InstanceServices, null);
        try
        {
            var task = _body(instance, trigger, context);
            await task;
            return _result?.Invoke(task);
        }
        finally
        {
            if (instance is IAsyncDisposable asynchronously) await asynchronously.DisposeAsync();
            else if (instance is IDisposable disposable) disposable.Dispose();
        }
    }

    private static Body Compile(string name, MethodInfo method, ParameterInfo triggerParameter)
    {
        var instance = Expression.Parameter(typeof(object));
        var trigger = Expression.Parameter(typeof(object));
        var context = Expression.Parameter(typeof(FunctionContext));
        var arguments = method.GetParameters().Select(parameter => Argument(parameter));
        Expression call = Expression.Call(method.IsStatic ? null : Expression.Convert(instance, method.DeclaringType!), method, arguments);
        if (typeof(IActionResult).IsAssignableFrom(method.ReturnType))
            call = Expression.Call(typeof(Task), nameof(Task.FromResult), [typeof(IActionResult)], call);
        else if (!typeof(Task).IsAssignableFrom(method.ReturnType))
            throw new StartupException($"Function {name} returns {method.ReturnType.Name}; a function returns Task, Task<IActionResult> or IActionResult.");
        return Expression.Lambda<Body>(call, instance, trigger, context).Compile();

        Expression Argument(ParameterInfo parameter)
        {
            if (parameter == triggerParameter) return TriggerValue(trigger, parameter.ParameterType);
            if (parameter.ParameterType == typeof(FunctionContext)) return context;
            if (parameter.ParameterType == typeof(CancellationToken)) return Expression.Property(context, nameof(FunctionContext.CancellationToken));
            throw new StartupException($"Function {name} has the parameter '{parameter.Name}' of type {parameter.ParameterType.Name}, which nothing supplies.");
        }
    }

    /// <summary>A queue message arrives as bytes, and goes to the function in the type that it asks for.</summary>
    private static Expression TriggerValue(Expression trigger, Type type)
    {
        if (type == typeof(string))
            return Expression.Call(Expression.Constant(Encoding.UTF8), nameof(Encoding.GetString), null, Expression.Convert(trigger, typeof(byte[])));
        return type == typeof(BinaryData)
            ? Expression.Call(typeof(BinaryData), nameof(BinaryData.FromBytes), null, Expression.Convert(trigger, typeof(byte[])))
            : Expression.Convert(trigger, type);
    }

    private static Func<Task, IActionResult>? CompileResult(Type type)
    {
        var resultType = typeof(IActionResult).IsAssignableFrom(type) ? typeof(IActionResult) : type.GenericTypeArguments.SingleOrDefault();
        if (!typeof(IActionResult).IsAssignableFrom(resultType)) return null;
        var task = Expression.Parameter(typeof(Task));
        var result = Expression.Property(Expression.Convert(task, typeof(Task<>).MakeGenericType(resultType)), nameof(Task<>.Result));
        return Expression.Lambda<Func<Task, IActionResult>>(result, task).Compile();
    }
}
