namespace Serverless.Objects.Tests;

/// <summary>Lets one of several clients pass at a time, which one chance decides: so that a seed gives the same interleaving each time.</summary>
internal sealed class Turnstile(Random random)
{
    private readonly AsyncLocal<Client?> _client = new();

    /// <summary>How often somebody has passed.</summary>
    public int Passed { get; private set; }

    /// <summary>Where a client waits for its turn; nobody else waits here.</summary>
    public Task PassAsync() => _client.Value?.WaitAsync() ?? Task.CompletedTask;

    public async Task RunAsync(IReadOnlyList<Func<Task>> bodies)
    {
        var clients = bodies.Select(_ => new Client()).ToList();
        var running = clients.Zip(bodies, (client, body) => Task.Run(async () =>
        {
            _client.Value = client;
            await client.WaitAsync();
            await body();
        })).ToList();
        while (true)
        {
            var waiting = new List<Client>();
            for (var i = 0; i < clients.Count; i++)
            {
                if (await Task.WhenAny(clients[i].Arrived, running[i]) != running[i]) waiting.Add(clients[i]);
            }
            if (waiting.Count == 0) break;
            Passed++;
            waiting[random.Next(waiting.Count)].Release();
        }
        await Task.WhenAll(running);
    }

    private sealed class Client
    {
        private TaskCompletionSource _arrived = NewSource();
        private TaskCompletionSource _turn = NewSource();

        public Task Arrived => _arrived.Task;

        public Task WaitAsync()
        {
            var turn = _turn.Task;
            _arrived.SetResult();
            return turn;
        }

        public void Release()
        {
            var turn = _turn;
            (_arrived, _turn) = (NewSource(), NewSource());
            turn.SetResult();
        }

        private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
