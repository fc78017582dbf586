using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Access;

namespace Serverless.Keys.Tests;

public sealed class MasterKeyReportTests : IDisposable
{
    private readonly World _world = new();
    private readonly Dictionary<string, double> _measured = [];
    private readonly MeterListener _listener = new();

    public MasterKeyReportTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ServiceTelemetry.Name && instrument.Name is "sse.master_key.age" or "sse.master_key.overdue")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => _measured[instrument.Name] = value);
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _world.Dispose();
    }

    [Fact]
    public async Task A_master_key_that_was_not_rotated_in_time_is_reported_as_overdue()
    {
        IServiceProvider instance = _world.NewInstance();
        var report = instance.GetRequiredService<MasterKeyReport>();
        await report.RunAsync(default);
        Assert.Empty(_measured);

        await instance.GetRequiredService<MasterKeyRotation>().RotateAsync(default);
        _world.Time.Advance(TimeSpan.FromDays(89));
        await report.RunAsync(default);
        Assert.Equal(TimeSpan.FromDays(89).TotalSeconds, _measured["sse.master_key.age"]);
        Assert.Equal(0, _measured["sse.master_key.overdue"]);

        _world.Time.Advance(TimeSpan.FromDays(3));
        await report.RunAsync(default);
        Assert.Equal(TimeSpan.FromDays(2).TotalSeconds, _measured["sse.master_key.overdue"]);

        // On a clock that has gone back it is new.
        _world.Time.AdjustTime(_world.Time.GetUtcNow().AddDays(-100));
        MasterKeyStanding standing = (await report.ReadAsync(default))!;
        Assert.Equal((TimeSpan.Zero, _world.Time.GetUtcNow().AddDays(90), false), (standing.Age, standing.NextRotation, standing.IsRotationDue));
    }
}
