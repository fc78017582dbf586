using CsCheck;
using Microsoft.Azure.Functions.Worker;
using Serverless.LocalHost.Timers;

namespace Serverless.LocalHost.Tests.Timers;

public sealed class TimerScheduleTests
{
    private static readonly DateTime Noon = new(2026, 2, 3, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("0 0 * * * *", "13:00:00")]
    [InlineData("0 30 * * * *", "12:30:00")]
    [InlineData("*/5 * * * * *", "12:00:05")]
    [InlineData("*/5 * * * *", "12:05:00")]
    [InlineData("  0   15 3 * * *", "03:15:00")]
    public void Expressions_of_six_fields_have_seconds_and_those_of_five_have_not(string expression, string next)
    {
        Assert.Equal(TimeSpan.Parse(next, System.Globalization.CultureInfo.InvariantCulture), TimerSchedule.Next(TimerSchedule.Parse(expression, "F"), Noon).TimeOfDay);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hourly")]
    [InlineData("0 0 25 * * *")]
    [InlineData("* * * * * * *")]
    public void Anything_else_is_refused_with_the_functions_name(string expression)
    {
        Assert.Contains("function Rotate", Assert.Throws<StartupException>(() => TimerSchedule.Parse(expression, "Rotate")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_time_is_always_later_and_UTC()
    {
        var schedule = TimerSchedule.Parse("0 */7 * * * *", "F");
        Gen.DateTime.Select(time => new DateTime(time.Ticks / 2, DateTimeKind.Utc)).Sample(time =>
        {
            var next = TimerSchedule.Next(schedule, time);
            Assert.True(next > time);
            Assert.Equal(DateTimeKind.Utc, next.Kind);
        });
    }

    [Theory]
    [InlineData("11:00:00", "12:00:00", true)]
    [InlineData("11:00:00", "11:59:59", false)]
    [InlineData("11:59:59", "12:00:00", true)]
    [InlineData("12:00:00", "12:00:00", false)]
    [InlineData("08:00:00", "12:00:00", true)]
    public void A_run_is_past_due_when_a_time_of_the_schedule_has_passed_since_the_record(string recorded, string now, bool pastDue)
    {
        var schedule = TimerSchedule.Parse("0 0 * * * *", "F");
        Assert.Equal(pastDue, TimerSchedule.IsPastDue(schedule, new ScheduleStatus { LastUpdated = At(recorded) }, At(now)));
    }

    [Fact]
    public void Nothing_is_past_due_before_the_first_record()
    {
        Assert.False(TimerSchedule.IsPastDue(TimerSchedule.Parse("* * * * * *", "F"), null, Noon));
    }

    [Fact]
    public void After_a_change_of_the_schedule_the_new_one_decides()
    {
        var record = new ScheduleStatus { LastUpdated = At("11:00:00"), Next = At("11:01:00") };
        Assert.False(TimerSchedule.IsPastDue(TimerSchedule.Parse("0 0 0 1 1 *", "F"), record, Noon));
    }

    private static DateTime At(string time) => Noon.Date + TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
}
