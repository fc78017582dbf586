using Microsoft.Azure.Functions.Worker;
using NCrontab;

namespace Serverless.LocalHost.Timers;

/// <summary>The decisions about when a timer runs: functions of the schedule, the record and the time, all UTC.</summary>
internal static class TimerSchedule
{
    /// <summary>Reads an NCRONTAB expression of six fields, or five without seconds.</summary>
    /// <exception cref="StartupException">It is none.</exception>
    public static CrontabSchedule Parse(string expression, string function)
    {
        var withSeconds = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6;
        return CrontabSchedule.TryParse(expression, new CrontabSchedule.ParseOptions { IncludingSeconds = withSeconds })
            ?? throw new StartupException($"The schedule '{expression}' of function {function} is not an NCRONTAB expression of five or six fields.");
    }

    /// <summary>The first time after <paramref name="now"/>.</summary>
    public static DateTime Next(CrontabSchedule schedule, DateTime now) =>
        DateTime.SpecifyKind(schedule.GetNextOccurrence(now), DateTimeKind.Utc);

    /// <summary>
    /// Whether a run was due between the record and now, and no host was there for it. Judged by today's schedule, not by the recorded next time,
    /// which an older one may have set.
    /// </summary>
    public static bool IsPastDue(CrontabSchedule schedule, ScheduleStatus? recorded, DateTime now) =>
        recorded is not null && Next(schedule, recorded.LastUpdated) <= now;
}
