using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.LocalHost.Functions;
using Serverless.LocalHost.Http;

namespace Serverless.LocalHost.Tests.Functions;

public sealed class FunctionCatalogTests
{
    private static readonly IConfiguration Settings = new ConfigurationBuilder()
        .AddInMemoryCollection([new("AzureWebJobsStorage", "the account"), new("Other", "another account"), new("Queues:Name", "orders")]).Build();

    [Fact]
    public void Each_trigger_is_understood_with_its_settings()
    {
        var catalog = Catalog(typeof(Good));

        Assert.Equal("app", catalog.AppName);
        Assert.Equal(["GET", "HEAD"], catalog.Http.Single().Verbs);
        Assert.True(catalog.Timers.Single() is { UseMonitor: false, RunOnStartup: true });
        Assert.Equal(["orders at the account", "orders-2 at another account", "orders-3 at the account"],
            catalog.Queues.Select(queue => $"{queue.QueueName} at {queue.ConnectionString}"));
    }

    [Theory]
    [InlineData(typeof(TwoOfOneName), "There are two functions named Twice.")]
    [InlineData(typeof(NoTrigger), "Function Idle needs exactly one parameter with a trigger.")]
    [InlineData(typeof(TwoTriggers), "Function Both needs exactly one parameter with a trigger.")]
    [InlineData(typeof(OtherRoute), "Function Api has the route 'api/{id}'")]
    [InlineData(typeof(NeedsKey), "Function Locked asks for a function key")]
    [InlineData(typeof(WrongType), "Function Timer has its trigger on a String; it must be TimerInfo.")]
    [InlineData(typeof(UnknownParameter), "Function Extra has the parameter 'log' of type Object, which nothing supplies.")]
    [InlineData(typeof(WrongResult), "Function Sync returns Int32")]
    [InlineData(typeof(MissingConnection), "Function Queue needs the setting 'Missing'")]
    public void A_function_that_this_host_cannot_run_is_named_with_the_reason(Type type, string message)
    {
        Assert.StartsWith(message, Assert.Throws<StartupException>(() => Catalog(type)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_functions_for_one_verb_are_refused()
    {
        var catalog = Catalog(typeof(Good), typeof(AlsoGet));
        var failure = Assert.Throws<StartupException>(() => new HttpDispatcher(catalog, NullLogger<HttpDispatcher>.Instance));
        Assert.Equal("The functions Http and Again both serve GET.", failure.Message);
    }

    private static FunctionCatalog Catalog(params Type[] types) => new("App", types, Settings);

    public static class Good
    {
        [Function("Http")]
        public static IActionResult Http([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "{*path}")] HttpRequest request) => new OkResult();

        [Function("Timer")]
        public static Task Timer([TimerTrigger("0 0 * * * *", UseMonitor = false, RunOnStartup = true)] TimerInfo timer) => Task.CompletedTask;

        [Function("Text")]
        public static Task Text([QueueTrigger("%Queues__Name%")] string message, CancellationToken cancellationToken) => Task.CompletedTask;

        [Function("Bytes")]
        public static Task Bytes([QueueTrigger("orders-2", Connection = "Other")] byte[] message) => Task.CompletedTask;

        [Function("Data")]
        public static Task Data([QueueTrigger("orders-3")] BinaryData message) => Task.CompletedTask;

        public static void NoFunction()
        {
        }
    }

    public static class AlsoGet
    {
        [Function("Again")]
        public static Task Http([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request) => Task.CompletedTask;
    }

    public static class TwoOfOneName
    {
        [Function("Twice")]
        public static Task One([TimerTrigger("* * * * *")] TimerInfo timer) => Task.CompletedTask;

        [Function("Twice")]
        public static Task Two([TimerTrigger("* * * * *")] TimerInfo timer) => Task.CompletedTask;
    }

    public static class NoTrigger
    {
        [Function("Idle")]
        public static Task Idle(string message) => Task.CompletedTask;
    }

    public static class TwoTriggers
    {
        [Function("Both")]
        public static Task Both([TimerTrigger("* * * * *")] TimerInfo timer, [QueueTrigger("queue")] string message) => Task.CompletedTask;
    }

    public static class OtherRoute
    {
        [Function("Api")]
        public static Task Api([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/{id}")] HttpRequest request) => Task.CompletedTask;
    }

    public static class NeedsKey
    {
        [Function("Locked")]
        public static Task Locked([HttpTrigger(AuthorizationLevel.Function, "get", Route = "{*path}")] HttpRequest request) => Task.CompletedTask;
    }

    public static class WrongType
    {
        [Function("Timer")]
        public static Task Timer([TimerTrigger("* * * * *")] string timer) => Task.CompletedTask;
    }

    public static class UnknownParameter
    {
        [Function("Extra")]
        public static Task Extra([TimerTrigger("* * * * *")] TimerInfo timer, object log) => Task.CompletedTask;
    }

    public static class WrongResult
    {
        [Function("Sync")]
        public static int Sync([TimerTrigger("* * * * *")] TimerInfo timer) => 1;
    }

    public static class MissingConnection
    {
        [Function("Queue")]
        public static Task Queue([QueueTrigger("queue", Connection = "Missing")] string message) => Task.CompletedTask;
    }
}
