using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.EndToEnd.ControlledClock;

/// <summary>The clock of the host that this process builds: the machine's, and as far ahead of it as the test says.</summary>
internal sealed class HostClock : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly FakeTimeProvider _time;

    private HostClock(ClockFile file)
    {
        _time = new FakeTimeProvider(DateTimeOffset.UtcNow + file.Ahead);
        new Thread(() => Follow(file)) { IsBackground = true, Name = "controlled clock" }.Start();
    }

    public static void Begin()
    {
        if (Environment.GetEnvironmentVariable(ClockFile.Setting) is { } path) DiagnosticListener.AllListeners.Subscribe(new HostClock(new(path)));
    }

    /// <summary>A host that is being built says so, as it does to tools that test web applications.</summary>
    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting") value.Subscribe(this);
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: "HostBuilding", Value: IHostBuilder host }) host.ConfigureServices(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)));
    }

    public void OnCompleted() { }

    public void OnError(Exception error) { }

    private void Follow(ClockFile file)
    {
        while (true)
        {
            Thread.Sleep(Interval);
            var now = DateTimeOffset.UtcNow + file.Ahead;
            // The machine's clock may be set back a little; this one stands still meanwhile.
            if (now > _time.GetUtcNow()) _time.SetUtcNow(now);
        }
    }
}
