using System.Diagnostics;

namespace Serverless.LocalHost.Tests;

/// <summary>Waits for what happens on its own time.</summary>
internal static class Until
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task True(Func<bool> condition, string what) => True(() => Task.FromResult(condition()), what);

    public static async Task True(Func<Task<bool>> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < Limit, $"Waited {Limit.TotalSeconds:0} s in vain: {what}.");
            await Task.Delay(20);
        }
    }
}
