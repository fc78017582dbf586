using Microsoft.Azure.Functions.Worker;

namespace Serverless.LocalHost.SampleApp;

public sealed class BackgroundFunctions(Journal journal)
{
    [Function("Tick")]
    public Task Tick([TimerTrigger("%Sample__Schedule%")] TimerInfo timer)
    {
        journal.Entries.Enqueue($"tick, past due: {timer.IsPastDue}");
        return Task.CompletedTask;
    }

    /// <summary>Fails on messages that say so.</summary>
    [Function("Work")]
    public Task Work([QueueTrigger("%Sample:Queue%")] string message, FunctionContext context)
    {
        journal.Entries.Enqueue($"message {message}, try {context.BindingContext.BindingData["DequeueCount"]}");
        return message.StartsWith("fail", StringComparison.Ordinal) ? throw new InvalidOperationException("as asked") : Task.CompletedTask;
    }
}
