using System.Diagnostics;

namespace Serverless.EndToEnd.Service;

/// <summary>Waits, within bounds, for what happens on its own time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer is not null, at most for <paramref name="seconds"/>.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> ask, string what, int seconds = 30) where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await ask() is { } answer) return answer;
            Assert.True(clock.Elapsed.TotalSeconds < seconds, $"Waited {seconds} s in vain: {what}.");
            await Task.Delay(PollInterval);
        }
    }

    public static Task TrueAsync(Func<Task<bool>> condition, string what, int seconds = 30) =>
        GetAsync(async () => await condition() ? "yes" : null, what, seconds);
}
